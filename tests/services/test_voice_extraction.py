"""Voice extraction splits a song into its singing and the rest."""

import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from halles.sdk import Audio, Cancelled, Context, run_service
from halles_services.voice_extraction.network import BINS, FRAME_MULTIPLE, Graph, build_model
from halles_services.voice_extraction.separation import RATE, Separator, Stream, measure
from halles_services.voice_extraction.service import VoiceExtraction
from halles_services.voice_extraction.spectrum import FRAME, HOP, inverse, spectrum
from halles_services.voice_extraction.weights import MODEL, SPLEETER

MIR1K = Path(__file__).parents[3] / "shared" / "data" / "separation" / "mir1k"
FILTERS = (2,) * 7  # from the input of the small network down


def noise(seconds: float, channels: int = 2, rate: int = RATE) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (channels, round(seconds * rate))).astype(np.float32)


def decibels(ratio: float) -> float:
    return 10 * float(np.log10(ratio + 1e-12))


def energy(samples: np.ndarray) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


def sdr(true: np.ndarray, estimate: np.ndarray) -> float:
    """Signal to distortion ratio in dB."""
    return decibels(energy(true) / energy(true - estimate))


def joined(pieces) -> tuple[np.ndarray, np.ndarray]:
    vocals, accompaniment = zip(*pieces, strict=True)
    return np.concatenate(vocals, axis=1), np.concatenate(accompaniment, axis=1)


# The transform


def test_inverse_gives_the_samples_back_wherever_all_frames_overlap():
    samples = noise(2)[:, : 40 * HOP]
    inside = slice(FRAME - HOP, HOP - FRAME)

    np.testing.assert_allclose(inverse(spectrum(samples))[:, inside], samples[:, inside], atol=1e-6)


# The stream


@pytest.mark.parametrize("block", [1, 7, 100, 1000])
def test_inner_parts_of_windows_follow_each_other_whatever_the_blocks(block):
    song = np.arange(1, 101, dtype=np.float32) * np.ones((2, 1), np.float32)
    stream = Stream(song[:, at : at + block] for at in range(0, 100, block))

    windows = list(stream.windows(start=-3, inner=10, before=4, after=5))

    assert {window.shape for _, window in windows} == {(2, 19)}
    inner = np.concatenate([window[0, 4:14] for _, window in windows])
    np.testing.assert_array_equal(inner[3:103], song[0])
    assert not inner[:3].any()
    assert not inner[103:].any()


def test_a_window_sees_its_neighbours():
    song = np.arange(1, 101, dtype=np.float32) * np.ones((2, 1), np.float32)

    (_, first), (_, second), *_ = Stream([song]).windows(start=0, inner=10, before=4, after=5)

    np.testing.assert_array_equal(first[0], [0, 0, 0, 0, *range(1, 16)])
    np.testing.assert_array_equal(second[0], range(7, 26))


# The network's layers, against TensorFlow's definitions


def layer(name: str, kernel: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Run one convolution of the network alone."""
    from onnx import TensorProto, helper
    from onnxruntime import InferenceSession

    from halles_services.voice_extraction.network import HALVING

    outputs = kernel.shape[2] if "transpose" in name else kernel.shape[3]
    graph = Graph({f"{name}/kernel": kernel, f"{name}/bias": np.zeros(outputs, np.float32)})
    result = graph.convolve("input", name, **HALVING)
    ports = [helper.make_tensor_value_info(port, TensorProto.FLOAT, None) for port in ("input", result)]
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, ports[:1], ports[1:], graph.weights),
        ir_version=10,
        opset_imports=[helper.make_opsetid("", 17)],
    )
    return InferenceSession(model.SerializeToString()).run(None, {"input": value})[0]


def test_same_padding_of_a_halving_layer_puts_one_before_and_two_after():
    kernel = np.zeros((5, 5, 1, 1), np.float32)
    kernel[1, 1] = 1
    value = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)

    np.testing.assert_array_equal(layer("conv2d", kernel, value), value[:, :, ::2, ::2])


def test_a_doubling_layer_is_the_gradient_of_the_halving_one():
    random = np.random.default_rng(0)
    kernel = random.normal(size=(5, 5, 3, 2)).astype(np.float32)
    large, small = (random.normal(size=shape).astype(np.float32) for shape in ((1, 3, 8, 6), (1, 2, 4, 3)))

    forward = np.vdot(layer("conv2d", kernel, large), small)
    backward = np.vdot(large, layer("conv2d_transpose", kernel, small))

    assert forward == pytest.approx(backward, rel=1e-4)


# Separation with a network of the same form, two filters a layer and random weights


def random_variables(filters: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Variables of the checkpoint's names and layout, for both U-Nets."""
    random = np.random.default_rng(0)
    ins, outs = filters[:-1], filters[1:]
    down = [(5, 5, i, o) for i, o in zip(ins, outs, strict=True)] + [(4, 4, 1, 2)]
    ups = [*ins[:0:-1], 1]
    sources = [outs[-1], *(2 * channels for channels in ups[:-1])]
    up = [(5, 5, o, i) for o, i in zip(ups, sources, strict=True)]
    variables = {}
    for kind, shapes in {"conv2d": 2 * down, "conv2d_transpose": 2 * up}.items():
        for number, shape in enumerate(shapes):
            name = f"{kind}_{number}" if number else kind
            channels = shape[2] if kind == "conv2d_transpose" else shape[3]
            variables[f"{name}/kernel"] = random.normal(0, 0.1, shape).astype(np.float32)
            variables[f"{name}/bias"] = random.normal(0, 0.1, channels).astype(np.float32)
    for number, channels in enumerate(2 * [*outs, *ups]):
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            variables[f"{name}/{part}"] = np.ones(channels, np.float32)
    return variables


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Separator:
    path = tmp_path_factory.mktemp("network") / "small.onnx"
    path.write_bytes(build_model(random_variables(FILTERS)).SerializeToString())
    return Separator(path, threads=1)


def test_the_same_variables_give_the_same_bytes():
    first, second = (build_model(random_variables(FILTERS)).SerializeToString(deterministic=True) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("samples", [1, HOP, 8820, 400_000, 800_001])
def test_stems_are_as_long_as_the_song_and_add_up_to_it(small, samples):
    song = noise(20)[:, :samples]

    vocals, accompaniment = joined(small.separate([song], 0.1))

    assert vocals.shape == accompaniment.shape == song.shape
    np.testing.assert_allclose(vocals + accompaniment, song, atol=1e-6)


def test_the_size_of_the_blocks_does_not_matter(small):
    song = noise(12)

    whole, _ = joined(small.separate([song], 0.1))
    cut, _ = joined(small.separate(np.array_split(song, 29, axis=1), 0.1))

    np.testing.assert_array_equal(whole, cut)


def test_memory_does_not_grow_with_the_song(small):
    def peak(seconds: int) -> int:
        second = noise(1)
        tracemalloc.start()
        for _ in small.separate((second for _ in range(seconds)), 0.1):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(90) < 1.1 * peak(20)


def test_a_quiet_song_is_separated_like_a_loud_one(small):
    song = noise(4)
    loud, quiet = (joined(small.separate([part], measure([part]).rms))[0] for part in (song, song / 100))

    np.testing.assert_allclose(quiet * 100, loud, atol=1e-4)


def test_level_is_measured_over_all_blocks_and_channels():
    blocks = [np.full((2, 30), 0.5, np.float32), np.full((2, 10), -0.5, np.float32)]

    assert measure(blocks) == (0.5, 40)
    assert measure([]) == (0.0, 0)


# With the real weights

real = pytest.mark.models


@pytest.fixture(scope="module")
def separator() -> Separator:
    return VoiceExtraction.setup(Context()).__self__.separator


def voice(seconds: int) -> np.ndarray:
    """A sung melody: harmonics with vibrato through the formants of three vowels."""
    time = np.arange(seconds * RATE) / RATE
    notes = np.resize([220, 247, 262, 294, 262, 247], seconds).repeat(RATE)
    pitch = notes * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time) * np.minimum(1, 3 * (time % 1)))
    vowels = np.array([[730, 1090, 2440, 3300], [300, 870, 2240, 3000], [530, 1840, 2480, 3500]])
    formants = vowels[np.arange(seconds) % 3].repeat(RATE, axis=0).T
    strengths, widths = (1, 0.5, 0.25, 0.12), (90, 110, 170, 250)
    sound, phase = np.zeros(len(time)), 2 * np.pi * np.cumsum(pitch) / RATE
    for harmonic in range(1, 40):
        bands = zip(formants, strengths, widths, strict=True)
        heard = sum(g / (1 + ((harmonic * pitch - f) / width) ** 2) for f, g, width in bands)
        sound += heard * np.sin(harmonic * phase) / harmonic**0.6
    envelope = np.minimum(1, 15 * (time % 1)) * np.minimum(1, 8 * (1 - time % 1))
    return np.tile(sound * envelope / np.abs(sound).max() / 2, (2, 1)).astype(np.float32)


def band(seconds: int) -> np.ndarray:
    """A chord of square waves, a kick drum and a hi-hat."""
    time = np.arange(seconds * RATE) / RATE
    sound = sum(0.05 * np.sign(np.sin(2 * np.pi * pitch * time)) for pitch in (110, 138.6, 164.8, 220))
    beat, hat = time % 0.5, (time + 0.25) % 0.5
    sound += 0.5 * np.sin(2 * np.pi * 50 * beat * np.exp(-3 * beat)) * np.exp(-12 * beat)
    sound += 0.15 * np.random.default_rng(1).normal(size=len(time)) * np.exp(-40 * hat)
    return np.tile(sound, (2, 1)).astype(np.float32)


@real
def test_shares_equal_those_of_tensorflow(separator):
    """Computed by Spleeter's own graph in TensorFlow 2.21, for the same magnitudes."""
    magnitudes = np.random.default_rng(0).random((1, 2, 512, BINS), np.float32)
    vocals, accompaniment = separator.session.run(None, {"magnitudes": magnitudes})
    places = ([0, 1, 0, 1, 0], [0, 0, 255, 300, 511], [0, 1023, 100, 512, 1023])

    expected = [0.61795288, 0.49536020, 0.00721235, 0.00148257, 0.12942009]
    np.testing.assert_allclose(vocals[0][places], expected, atol=1e-6)
    expected = [0.90475428, 0.73647952, 0.99971002, 0.99970579, 0.76866788]
    np.testing.assert_allclose(accompaniment[0][places], expected, atol=1e-6)


@real
def test_a_voice_is_told_from_a_band(separator):
    sung, played = voice(8), band(8)
    mix = sung + played

    vocals, accompaniment = joined(separator.separate([mix], measure([mix]).rms))

    assert sdr(sung, vocals) > sdr(sung, mix) + 10
    assert sdr(played, accompaniment) > sdr(played, mix) + 10


@real
def test_an_instrumental_has_no_vocals(separator):
    played = band(8)

    vocals, _ = joined(separator.separate([played], measure([played]).rms))

    assert decibels(energy(vocals) / energy(played)) < -30


@real
def test_how_a_song_is_cut_hardly_matters(separator):
    mix = voice(20) + band(20)

    usual, large = (
        joined(separator.separate([mix], measure([mix]).rms, segment))[0]
        for segment in (8 * FRAME_MULTIPLE, 14 * FRAME_MULTIPLE)
    )

    assert sdr(large, usual) > 25


@real
def test_singing_over_karaoke_is_told_apart(separator):
    if not MIR1K.is_dir():
        pytest.skip("needs the karaoke pairs of shared/data/separation/mir1k")
    file = "annar_4_06.opus"
    sung, played = (Audio(MIR1K / stem / file).decode(RATE, 2) for stem in ("vocals", "accompaniment"))
    mix = sung + played

    vocals, _ = joined(separator.separate([mix], measure([mix]).rms))

    assert sdr(sung, vocals) > sdr(sung, mix) + 5


@real
def test_the_outputs_are_audio_of_the_same_length_that_adds_up():
    song = Audio.encode(0.5 * (voice(3) + band(3)), RATE)

    stems = run_service(VoiceExtraction, song=song)

    assert [stem.probe().codec for stem in stems] == ["flac", "flac"]
    vocals, accompaniment = (stem.decode(RATE, 2) for stem in stems)
    np.testing.assert_allclose(vocals + accompaniment, song.decode(RATE, 2), atol=4 / 2**16)


@real
def test_the_same_song_gives_the_same_bytes():
    song = Audio.encode(noise(1), RATE)

    first, second = (run_service(VoiceExtraction, song=song) for _ in range(2))

    assert [stem.read() for stem in first] == [stem.read() for stem in second]


@real
def test_opus_is_ten_times_smaller_than_wav():
    song = Audio.encode(0.5 * (voice(3) + band(3)), RATE, "wav")

    vocals, accompaniment = run_service(VoiceExtraction, song=song, codec="opus")

    assert vocals.probe().codec == "opus"
    assert accompaniment.probe().seconds == pytest.approx(3, abs=0.05)
    assert len(vocals.read()) < len(song.read()) / 10


@real
@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        pytest.param(noise(0.2), RATE, id="0.2 seconds"),
        pytest.param(np.zeros((2, RATE), np.float32), RATE, id="silence"),
        pytest.param(noise(1, channels=1, rate=8000)[0], 8000, id="8 kHz mono"),
    ],
)
def test_odd_songs_give_stereo_stems_of_their_length(samples, rate):
    vocals, accompaniment = run_service(VoiceExtraction, song=Audio.encode(samples, rate))

    for stem in (vocals, accompaniment):
        info = stem.probe()
        assert (info.rate, info.channels) == (RATE, 2)
        assert info.seconds == pytest.approx(samples.shape[-1] / rate, abs=0.01)


@real
def test_silence_gives_silence():
    stems = run_service(VoiceExtraction, song=Audio.encode(np.zeros((2, RATE), np.float32), RATE))

    assert not any(stem.decode(RATE, 2).any() for stem in stems)


@real
def test_six_channels_at_192_khz_are_mixed_down(tmp_path):
    vocals, _ = run_service(VoiceExtraction, song=surround(tmp_path / "surround.wav"))

    assert vocals.decode(RATE, 2).shape == (2, RATE)


def surround(path: Path) -> Audio:
    """One second of noise, 192 kHz, 5.1."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=192_000, layout="5.1")
        samples = (noise(1, 6, 192_000) * 2**15).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1).copy(), format="s16", layout="5.1")
        frame.sample_rate = 192_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Audio(path)


@real
def test_progress_rises_to_the_end():
    fractions = []
    context = Context(report=lambda fraction, _: fractions.append(fraction))

    run_service(VoiceExtraction, context=context, song=Audio.encode(noise(12), RATE))

    assert all(earlier <= later for earlier, later in pairwise(fractions))
    assert fractions[-1] == 1
    assert any(0 < fraction < 1 for fraction in fractions)


@real
def test_a_cancelled_run_stops():
    calls = iter([False, True])

    with pytest.raises(Cancelled):
        run_service(
            VoiceExtraction,
            context=Context(cancelled=lambda: next(calls)),
            song=Audio.encode(noise(12), RATE),
        )


@real
def test_the_recipe_states_the_size_of_its_file():
    assert (Context().weights(SPLEETER) / MODEL).stat().st_size == SPLEETER.size
