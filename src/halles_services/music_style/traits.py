"""What is compared with the training, to see whether the model is asked about other music than it learned from.

Not the length: songs come whole where training has pieces of them, and are heard in excerpts of three seconds anyway.
"""

from collections.abc import Mapping

import numpy as np

from halles_services.music_style.timbre import brightness, decibels, noisiness


def of_sound(samples: np.ndarray, rate: int) -> dict[str, float]:
    """Traits of the music: mono `samples` of the part of a song that is looked at."""
    return {
        "loudness": decibels(samples),
        "brightness": brightness(samples, rate),
        "noisiness": noisiness(samples),
    }


def of_answer(probabilities: Mapping[str, float]) -> dict[str, str | float]:
    """Traits of the answer: the likeliest genre, and how sure that is."""
    genre = max(probabilities, key=probabilities.__getitem__)
    return {"genre": genre, "sureness": probabilities[genre]}
