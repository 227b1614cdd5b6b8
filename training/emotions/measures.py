"""What is measured of the heads."""

from typing import Any

import numpy as np
import numpy.typing as npt
from data import EMOTIONS, Bools, Texts
from scipy.special import expit
from sklearn.metrics import average_precision_score, f1_score

Floats = npt.NDArray[np.floating[Any]]
LANGUAGES = ("en", "fr", "de", "es", "it")
BINS = 10


def first(logits: Floats, right: npt.NDArray[np.intp], places: int) -> Bools:
    """Whether the right label is among the first `places`."""
    own = logits[np.arange(len(right)), right]
    return np.asarray((logits > own[:, None]).sum(axis=1) < places)


def by_language(hits: Bools, languages: npt.NDArray[np.str_]) -> dict[str, float]:
    """Share of hits per language."""
    return {name: round(float(hits[languages == name].mean()), 3) for name in LANGUAGES}


def macro_ap(labels: Bools, logits: Floats) -> float:
    """Mean average precision of the labels that occur."""
    seen = labels.any(axis=0)
    return round(float(np.mean([average_precision_score(labels[:, i], logits[:, i]) for i in np.flatnonzero(seen)])), 3)


def calibration_error(labels: Bools, logits: Floats) -> float:
    """Expected calibration error over ten equal bins of probability (Guo et al. 2017)."""
    p, y = expit(logits).ravel(), labels.ravel()
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(BINS)]
    return round(float(np.sum(gaps) / len(p)), 3)


def of_lines(texts: Texts, logits: Floats) -> dict[str, Any]:
    """Emotions of lines that have one right label each."""
    right = texts.emotions.argmax(axis=1)
    best, three = first(logits, right, 1), first(logits, right, 3)
    return {
        "lines": len(texts),
        "top1": round(float(best.mean()), 3),
        "top3": round(float(three.mean()), 3),
        "top1_by_language": by_language(best, texts.languages),
        "macro_ap": macro_ap(texts.emotions, logits),
        "calibration_error": calibration_error(texts.emotions, logits),
        "top1_by_emotion": {name: round(float(best[right == i].mean()), 2) for i, name in enumerate(EMOTIONS)},
    }


def of_comments(texts: Texts, logits: Floats, train: Texts, train_logits: Floats) -> dict[str, Any]:
    """Emotions of GoEmotions' comments; F1 at the threshold that is best on its training part."""
    taught = [i for i, labels in enumerate(EMOTIONS.values()) if labels]
    f1 = [
        f1_score(texts.emotions[:, i], logits[:, i] > best_threshold(train.emotions[:, i], train_logits[:, i]))
        for i in taught
    ]
    chance = float(texts.emotions[:, taught].mean())
    return {
        "comments": len(texts),
        "labels": len(taught),
        "macro_f1": round(float(np.mean(f1)), 3),
        "macro_ap": macro_ap(texts.emotions, logits),
        "macro_ap_by_chance": round(chance, 3),
    }


def best_threshold(labels: Bools, logits: Floats) -> float:
    """The logit above which F1 is highest."""
    order = np.argsort(-logits)
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + labels.sum())
    return float(logits[order[f1.argmax()]])


def of_polarity(texts: Texts, logits: Floats) -> dict[str, Any]:
    """How often the sign of the sentiment is right, where a text is either positive or negative."""
    clear = texts.polarity[:, 0] != texts.polarity[:, 1]
    sentiment = expit(logits[clear, 0]) - expit(logits[clear, 1])
    right = (sentiment > 0) == texts.polarity[clear, 0]
    found = {"texts": int(clear.sum()), "sign_right": round(float(right.mean()), 3)}
    if len(set(texts.languages)) > 1:
        found["by_language"] = by_language(right, texts.languages[clear])
    return found


def of_topics(logits: Floats, right: npt.NDArray[np.intp], languages: npt.NDArray[np.str_]) -> dict[str, Any]:
    """Topics of lines that have one right theme each."""
    labels = right[:, None] == np.arange(logits.shape[1])
    best = first(logits, right, 1)
    return {
        "lines": len(right),
        "themes": logits.shape[1],
        "top1": round(float(best.mean()), 3),
        "top3": round(float(first(logits, right, 3).mean()), 3),
        "top1_by_language": by_language(best, languages),
        "calibration_error": calibration_error(labels, logits),
    }
