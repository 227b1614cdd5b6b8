"""The pipelines on the shelf, run with real models."""

import json
from pathlib import Path

import numpy as np
import pytest

from halles.engine import check
from halles.main import Market
from halles.model import Artifact, Run, Status, artifacts
from halles.sdk import Audio, Image
from tests.running import run

SONG = Path(__file__).parents[2] / "src/halles_services/demo/song.opus"
IDS = Market().pipelines.ids()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def covered(shop: Market) -> Run:
    """The bundled song, with its covers."""
    return run(shop, shop.pipeline("cover-art"), song=f"@{SONG}")


def content(shop: Market, run: Run, name: str) -> dict:
    value = run.outputs[name]
    assert isinstance(value, Artifact)
    return json.loads(shop.objects.read(value))


@pytest.mark.parametrize("name", IDS)
def test_a_pipeline_on_the_shelf_has_no_problems(shop: Market, name: str) -> None:
    assert check(shop.pipeline(name), shop.services) == []


@pytest.mark.models
def test_a_song_becomes_three_different_square_pictures(shop: Market, covered: Run) -> None:
    assert covered.status is Status.finished
    covers = artifacts(covered.outputs["cover"])
    assert len({cover.sha256 for cover in covers}) == 3
    assert {Image(shop.objects.path(cover)).size for cover in covers} == {(1024, 1024)}


@pytest.mark.models
def test_it_says_whose_silhouettes_are_in_the_pictures(shop: Market, covered: Run) -> None:
    credits = covered.outputs["credits"]
    assert isinstance(credits, Artifact)
    assert "CC-BY-3.0" in shop.objects.read(credits).decode()


@pytest.mark.models
def test_its_lyrics_are_timed_and_are_mostly_what_is_sung(shop: Market, covered: Run) -> None:
    lyrics = content(shop, covered, "lyrics")
    sung = set((SONG.parent / "lyrics.txt").read_text().lower().replace(",", "").split())
    heard = set(lyrics["text"].lower().replace(",", "").replace(".", "").split())
    assert lyrics["language"] == "en"
    assert len(sung & heard) / len(sung) > 0.5
    starts = [segment["start"] for segment in lyrics["segments"]]
    assert starts == sorted(starts) and starts[0] >= 0 and lyrics["segments"][-1]["end"] <= lyrics["seconds"] + 1


@pytest.mark.models
def test_its_analysis_says_what_was_asked_of_the_painter_and_why(shop: Market, covered: Run) -> None:
    analysis = content(shop, covered, "analysis")
    assert analysis["text"]["emotions"] and analysis["text"]["topics"]
    assert sum(genre["score"] for genre in analysis["style"]["genres"]) == pytest.approx(1, abs=1e-3)
    assert len(analysis["brief"]["ideas"]) == 3 and analysis["brief"]["evidence"]


@pytest.mark.models
def test_the_same_song_and_seed_give_the_same_covers_on_a_fresh_cache(covered: Run, tmp_path: Path) -> None:
    fresh = Market(tmp_path / "home")
    again = run(fresh, fresh.pipeline("cover-art"), song=f"@{SONG}")
    assert again.outputs == covered.outputs


@pytest.mark.models
def test_an_instrumental_is_painted_from_style_and_sound_alone(shop: Market, tmp_path: Path) -> None:
    file = tmp_path / "chords.flac"
    file.write_bytes(Audio.encode(chords(), 22050).read())
    result = run(shop, shop.pipeline("cover-art"), song=f"@{file}")
    assert result.steps["analyse"].status is Status.skipped
    assert content(shop, result, "lyrics")["text"] == ""
    assert content(shop, result, "analysis")["text"] is None
    assert len(artifacts(result.outputs["cover"])) == 3


@pytest.mark.models
def test_the_voice_can_be_extracted_first(shop: Market) -> None:
    result = run(shop, shop.pipeline("cover-art"), song=f"@{SONG}", extract_voice="true")
    assert result.steps["voice"].status is Status.finished
    assert "vocals" in {
        port for made in shop.results.makers(result.steps["recognise"].outputs["lyrics"].sha256) for port in made.inputs
    }


@pytest.mark.models
def test_a_prompt_becomes_a_picture(shop: Market) -> None:
    result = run(shop, shop.pipeline("prompt-to-picture"), prompt="an old lighthouse in a storm")
    assert len(artifacts(result.outputs["picture"])) == 3


@pytest.mark.models
def test_a_song_becomes_something_to_sing_to(shop: Market) -> None:
    result = run(shop, shop.pipeline("karaoke"), song=f"@{SONG}")
    sound = {name: Audio(shop.objects.path(result.outputs[name])) for name in ("accompaniment", "vocals")}
    song, played, sung = (each.decode(22050) for each in (Audio(SONG), sound["accompaniment"], sound["vocals"]))
    assert abs(len(played) - len(song)) < 2205, "as long as the song"
    lines = content(shop, result, "lyrics")["segments"]
    assert shop.objects.read(result.outputs["words"]).decode().strip()
    inside = np.zeros(len(song), bool)
    for line in lines:
        inside[int(line["start"] * 22050) : int(line["end"] * 22050)] = True

    def level(sound: np.ndarray, where: np.ndarray) -> float:
        return float(np.sqrt(np.mean(sound[: len(song)][where[: len(sound)]] ** 2)))

    assert level(sung, inside) > 2 * level(sung, ~inside), "the voice sounds where the lines are"
    assert level(played, ~inside) > level(sung, ~inside), "and the instruments where they are not"


def chords(rate: int = 22050) -> np.ndarray:
    """Eight seconds of plucked chords."""
    time = np.arange(2 * rate) / rate
    bars = [[220.0, 261.6, 329.6], [174.6, 220.0, 261.6], [130.8, 164.8, 196.0], [196.0, 246.9, 293.7]]
    pluck = np.exp(-2 * time)
    return np.concatenate([sum(np.sin(2 * np.pi * f * time) for f in bar) * pluck / 4 for bar in bars]).astype(
        np.float32
    )
