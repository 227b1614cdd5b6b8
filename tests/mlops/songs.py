"""Songs of three kinds, made by rule: enough for a training to learn something."""

from pathlib import Path

import numpy as np

from tests import sounds

RATE = 16_000
SECONDS = 4.0


def chords(random: np.random.Generator) -> np.ndarray:
    """Soft three-note chords."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    roots = random.choice([196.0, 220.0, 246.9, 261.6], 8)[time.astype(int) % 8]
    tones = sum(np.sin(2 * np.pi * roots * ratio * time) for ratio in (1, 1.25, 1.5))
    return 0.1 * np.asarray(tones) * np.exp(-2 * (time % 1))


def beats(random: np.random.Generator) -> np.ndarray:
    """Bursts of noise at a steady tempo."""
    samples = 1e-3 * random.standard_normal(round(SECONDS * RATE))
    for start in (np.arange(0, SECONDS - 0.1, random.uniform(0.3, 0.5)) * RATE).astype(int):
        samples[start : start + 900] += 0.3 * random.standard_normal(900) * np.linspace(1, 0, 900)
    return samples


def drones(random: np.random.Generator) -> np.ndarray:
    """Loud low saw waves."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    return 0.5 * (2 * (time * random.uniform(55, 90) % 1) - 1) + 0.02 * random.standard_normal(len(time))


KINDS = {"folk": chords, "techno": beats, "drone": drones}


def write(folder: Path, each: int = 6) -> Path:
    """A folder for each kind, with songs of three artists in it; the same call gives the same files."""
    for genre, make in KINDS.items():
        for number in range(each):
            file = folder / genre / f"artist {number % 3}" / f"{number}.wav"
            file.parent.mkdir(parents=True, exist_ok=True)
            samples = make(np.random.default_rng([number, len(genre)])).astype(np.float32)
            sounds.write(file, samples, rate=RATE)
    return folder
