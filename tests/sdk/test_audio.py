"""Audio in any container becomes samples once, in bounded memory; samples become audio."""

import resource
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from halles.model import Problems
from halles.sdk import Audio, Image, InputRefused, sound
from halles.sdk.values import sweep
from tests.sounds import tone, write

TYPES = {
    "wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac",
    "m4a": "audio/mp4", "aac": "audio/aac", "webm": "audio/webm",
}  # fmt: skip


def refusal(file: Path) -> str:
    with pytest.raises(InputRefused) as refused:
        Audio(file, label=file.name).decode(8000)
    return refused.value.message


def pitch(samples: np.ndarray, rate: int) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


@pytest.mark.parametrize(("kind", "media_type"), TYPES.items())
def test_every_common_kind_is_read(tmp_path: Path, kind: str, media_type: str) -> None:
    audio = Audio(write(tmp_path / f"song.{kind}"))
    info = audio.probe()
    assert (info.media_type, info.rate, info.channels) == (media_type, 48000, 1)
    samples = audio.decode(16000)
    assert len(samples) == pytest.approx(16000, rel=0.06), "a second, and the padding of the codec"
    assert pitch(samples, 16000) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (192000, 6)])
def test_any_rate_and_number_of_channels_is_read(tmp_path: Path, rate: int, channels: int) -> None:
    audio = Audio(write(tmp_path / "song.flac", rate=rate, channels=channels))
    assert (audio.probe().rate, audio.probe().channels) == (rate, channels)
    assert audio.decode(16000).shape == pytest.approx((16000,), abs=8)
    assert audio.decode(16000, 2).shape == pytest.approx((2, 16000), abs=8)


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    audio = Audio(write(tmp_path / "song.wav", kind="mp3"))
    assert audio.probe().media_type == "audio/mpeg"
    assert pitch(audio.decode(16000), 16000) == pytest.approx(440, abs=2)


def test_samples_are_floats_in_the_unit_range_and_read_only(tmp_path: Path) -> None:
    samples = Audio(write(tmp_path / "song.wav")).decode(48000)
    assert samples.dtype == np.float32
    assert np.allclose(samples, tone(1), atol=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 1


@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_are_the_same_samples(tmp_path: Path, channels: int) -> None:
    audio = Audio(write(tmp_path / "song.mp3", rate=44100, channels=2))
    blocks = list(audio.blocks(16000, channels, 0.3))
    assert [block.shape[-1] for block in blocks[:-1]] == [4800] * (len(blocks) - 1)
    assert np.array_equal(np.concatenate(blocks, axis=-1), audio.decode(16000, channels))


def test_floats_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    samples = np.array([0.5, np.nan, np.inf, -np.inf] * 2000, np.float32).tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 50 + len(samples), b"WAVE", b"fmt ", 16, 3, 1, 8000, 32000, 4, 32)
    file = tmp_path / "odd.wav"
    file.write_bytes(header + struct.pack("<4sI", b"data", len(samples)) + samples)
    assert sorted({float(x) for x in Audio(file).decode(8000)}) == [-1, 0, 0.5, 1]


def test_the_same_content_is_decoded_once(tmp_path: Path) -> None:
    file = write(tmp_path / "song.flac")
    first = Audio(file, sha256="a" * 64).decode(12000)
    assert Audio(file, sha256="a" * 64).decode(12000) is first
    assert Audio(file, sha256="a" * 64).decode(11000) is not first


def test_two_who_ask_at_once_share_one_decoding(tmp_path: Path) -> None:
    audio = Audio(write(tmp_path / "song.flac"), sha256="b" * 64)
    at_once = threading.Barrier(2)

    def decode(_: int) -> np.ndarray:
        at_once.wait(5)
        return audio.decode(12000)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(decode, range(2))
    assert first is second


def test_an_edited_file_is_decoded_again(tmp_path: Path) -> None:
    file = write(tmp_path / "song.wav")
    before = Audio(file).decode(8000)
    write(file, tone(0.5))
    assert len(Audio(file).decode(8000)) == len(before) // 2


def test_the_memory_of_decoded_audio_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "MEMO_BYTES", 3 * 4 * 8000)
    memo = sound._Memo()
    file = write(tmp_path / "song.wav", rate=8000)
    for number in range(9):
        memo.get((number,), Audio(file), 8000, 1)
    assert list(memo.entries) == [(6,), (7,), (8,)]


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "ogg", "aac", "webm"])
def test_a_truncated_file_is_used_as_far_as_it_goes(tmp_path: Path, kind: str) -> None:
    whole = write(tmp_path / f"whole.{kind}", tone(4)).read_bytes()
    file = tmp_path / f"cut.{kind}"
    file.write_bytes(whole[: len(whole) // 2])
    assert 1 < len(Audio(file).decode(8000)) / 8000 < 3


def test_a_truncated_m4a_says_why_nothing_of_it_can_be_used(tmp_path: Path) -> None:
    file = write(tmp_path / "song.m4a")
    file.write_bytes(file.read_bytes()[:-2000])
    assert refusal(file) == (
        "`song.m4a` is cut off or damaged: an m4a keeps its table of contents at its end, so a part of it cannot be "
        "read. Give the whole file."
    )


@pytest.mark.parametrize(("kind", "left"), [("wav", 44), ("flac", 100), ("ogg", 60), ("webm", 300)])
def test_a_file_that_is_cut_before_its_sound_is_refused(tmp_path: Path, kind: str, left: int) -> None:
    file = write(tmp_path / f"song.{kind}")
    file.write_bytes(file.read_bytes()[:left])
    assert "cut off" in refusal(file)


def test_damage_in_the_middle_costs_only_what_was_damaged(tmp_path: Path) -> None:
    file = write(tmp_path / "song.mp3", tone(4))
    content = bytearray(file.read_bytes())
    content[8000:9000] = bytes(1000)
    file.write_bytes(content)
    assert len(Audio(file).decode(8000)) / 8000 > 3.5


def test_joined_files_of_different_rates_are_one_song(tmp_path: Path) -> None:
    parts = [
        write(tmp_path / f"{rate}.mp3", rate=rate, channels=n).read_bytes() for rate, n in ((44100, 2), (48000, 1))
    ]
    file = tmp_path / "joined.mp3"
    file.write_bytes(b"".join(parts))
    assert len(Audio(file).decode(16000)) == pytest.approx(32000, rel=0.06)


@pytest.mark.parametrize(
    "content",
    [
        b"These are the words of a song.\n" * 99,
        np.random.default_rng(1).bytes(50_000),
        Image.from_array(np.zeros((9, 9, 3), np.uint8)).read(),
        bytes(10_000),
        b"x",
    ],
    ids=["text", "random bytes", "picture", "zeros", "one byte"],
)
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(content)
    assert refusal(file) == (
        "`song.mp3` cannot be read as audio: it is another kind of file, damaged or cut off. "
        "Give an audio file: mp3, wav, flac, ogg, opus, m4a, aac or webm."
    )


@pytest.mark.parametrize("playlist", ["ffconcat version 1.0\nfile secret.wav\n", "#EXTM3U\n#EXTINF:1,\nsecret.wav\n"])
def test_a_playlist_does_not_open_other_files(tmp_path: Path, playlist: str) -> None:
    write(tmp_path / "secret.wav")
    file = tmp_path / "song.mp3"
    file.write_text(playlist)
    assert "cannot be read as audio" in refusal(file)


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    import av

    file = tmp_path / "film.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for ready in (frame, None):
            container.mux(stream.encode(ready))
    assert refusal(file).startswith("`film.mp4` holds no sound. Give an audio file")


def test_audio_whose_header_says_too_much_is_refused_without_decoding(tmp_path: Path) -> None:
    file = three_hours(tmp_path / "long.wav")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    message = refusal(file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - used < 0.5
    assert message == (
        "`long.wav` is 180 min long; at most 60 min are taken. Give a shorter piece of it, or set "
        "HALLES_MAX_AUDIO_SECONDS to more (memory and time grow with it)."
    )


def test_audio_whose_header_lies_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_MAX_AUDIO_SECONDS", "2")
    file = write(tmp_path / "silence.flac", np.zeros(4 * 48000, np.float32))
    content = bytearray(file.read_bytes())
    assert content[4:8] == b"\x00\x00\x00\x22", "the stream info begins here; its last 36 bits count the samples"
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    file.write_bytes(content)
    assert Audio(file).probe().seconds is None
    assert "is longer than the 2 s that are taken" in refusal(file)


def test_a_limit_that_is_no_number_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_MAX_AUDIO_SECONDS", "an hour")
    with pytest.raises(
        Problems, match="HALLES_MAX_AUDIO_SECONDS is `an hour`; it must be a number above 0, such as 3600"
    ):
        Audio(write(tmp_path / "song.wav")).decode(8000)


PEAK = Path("/proc/self/status")
"""Where Linux says the most memory that a process had. (`getrusage` starts with that of the parent.)"""


def peak_of(program: str, file: Path) -> tuple[float, float]:
    """What an expression on `audio` gives, and by how many KiB it raised the peak memory, in a process of its own."""
    whole = f"""
import sys
from pathlib import Path
from halles.sdk import Audio, sound
def peak(): return int(Path("{PEAK}").read_text().split("VmHWM:")[1].split()[0])
audio, before = Audio(sys.argv[1]), peak()
print({program}, peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", whole, str(file)], capture_output=True, text=True, check=True)
    result, kilobytes = map(float, done.stdout.split())
    return result, kilobytes


@pytest.mark.skipif(not PEAK.exists(), reason="the peak memory of a process is read from /proc")
def test_a_bomb_of_silence_is_streamed_in_little_memory(tmp_path: Path) -> None:
    file = silence_bomb(tmp_path / "bomb.flac", minutes=20)
    assert file.stat().st_size < 250_000
    count, kilobytes = peak_of("sum(len(block) for block in audio.blocks(8000))", file)
    assert count == 20 * 60 * 8000
    assert kilobytes < 15_000, "20 minutes are 38 MB as floats"


@pytest.mark.skipif(not PEAK.exists(), reason="the peak memory of a process is read from /proc")
def test_decoding_takes_the_memory_of_its_result_once(tmp_path: Path) -> None:
    size, kilobytes = peak_of("audio.decode(8000).nbytes", silence_bomb(tmp_path / "bomb.flac", minutes=20))
    assert kilobytes * 1024 < 1.3 * size


@pytest.mark.parametrize(("codec", "rate"), [("flac", 44100), ("wav", 44100), ("opus", 48000), ("opus", 44100)])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_become_audio_and_come_back(codec: str, rate: int, channels: int) -> None:
    samples = np.stack([tone(1, rate), tone(1, rate, 880)])[:channels].squeeze()
    back = Audio.encode(samples, rate, codec).decode(rate, channels)
    assert back.shape[-1] == rate
    exact = {"flac": 1e-4, "wav": 1e-4, "opus": 0.1}[codec]
    assert np.abs(back - samples)[..., 5000:-5000].max() < exact


@pytest.mark.parametrize("codec", ["flac", "wav", "opus"])
def test_the_same_samples_give_the_same_bytes(codec: str) -> None:
    first, second = (Audio.encode(tone(0.5), 48000, codec).read() for _ in range(2))
    assert first == second


def test_audio_is_written_block_by_block() -> None:
    whole = tone(1)
    with Audio.writer(48000, 1) as writer:
        for block in np.array_split(whole, 7):
            writer.write(block)
        writer.write(np.zeros(0, np.float32))
    assert np.allclose(writer.audio.decode(48000), whole, atol=1e-4)


def test_samples_that_are_too_loud_are_clipped() -> None:
    assert Audio.encode(np.full(800, 9.0, np.float32), 8000, "wav").decode(8000).max() == pytest.approx(1, abs=1e-4)


def test_a_codec_that_is_not_there_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="Unknown codec `midi`; there are flac, wav, opus"):
        Audio.encode(tone(0.1), 48000, "midi")


def test_a_temporary_file_goes_with_its_audio() -> None:
    audio = Audio.encode(tone(0.1), 48000)
    path = audio.path
    del audio
    assert not path.exists()


def test_temporary_files_go_also_when_a_process_ends_at_once() -> None:
    audio = Audio.encode(tone(0.1), 48000)
    sweep()
    assert not audio.path.exists()


def three_hours(file: Path) -> Path:
    """Three hours of silence, as a hole in the file."""
    size = 2 * 8000 * 3 * 3600
    header = bytearray(write(file, rate=8000).read_bytes())
    start = header.index(b"data") + 8
    header[start - 4 : start] = size.to_bytes(4, "little")
    with file.open("wb") as sparse:
        sparse.write(header[:start])
        sparse.truncate(start + size)
    return file


def silence_bomb(file: Path, minutes: int) -> Path:
    """Silence, which FLAC packs a hundredfold."""
    with Audio.writer(8000, 1) as writer:
        for _ in range(minutes):
            writer.write(np.zeros(60 * 8000, np.float32))
    file.write_bytes(writer.audio.read())
    return file
