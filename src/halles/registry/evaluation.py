"""What a model said of its validation clips, and how good that is."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halles.model import Figures, Problem, Problems, say

KNOWN = ("file", "track", "genre", "said", "unsure")
"""The columns of `predictions.csv` that are no class."""
BINS = 10
MOST = 20
"""The most lines of a table that are complained about."""


@dataclass(frozen=True)
class Prediction:
    """The probabilities that a model gave a clip, by class, and the class that it is."""

    clip: str
    truth: str
    scores: Mapping[str, float]

    @property
    def said(self) -> str:
        """The likeliest class."""
        return max(self.scores, key=self.scores.__getitem__)

    @property
    def right(self) -> bool:
        """Whether that is what it is."""
        return self.said == self.truth


def read_predictions(text: str) -> list[Prediction]:
    """The lines of a table with a column `file`, one `genre` (the truth) and one a class. Raises `Problems`, all."""
    table = csv.DictReader(io.StringIO(text))
    columns = list(table.fieldnames or ())
    classes = [name for name in columns if name not in KNOWN]
    if not {"file", "genre"} <= set(columns) or not classes:
        message = "The predictions need a column `file`, a column `genre` with what is right, and one a class."
        raise Problems([Problem(code="bad-predictions", message=message)])
    found: dict[str, Prediction] = {}
    problems: list[str] = []
    for number, row in enumerate(table, 2):
        try:
            each = Prediction(str(row["file"]), str(row["genre"]), {name: float(row[name]) for name in classes})
        except (TypeError, ValueError):
            problems.append(say("line {number} has no number for each class", number=number))
            continue
        total = sum(each.scores.values())
        if not abs(total - 1) < 0.01 or min(each.scores.values()) < 0:
            fault = say(
                "line {number}: probabilities are 0 or more and sum to 1, these to {total:g}",
                number=number,
                total=total,
            )
            problems.append(fault)
        elif each.truth not in classes:
            problems.append(say("line {number}: `{truth}` is no class of the model", number=number, truth=each.truth))
        elif each.clip in found:
            problems.append(say("line {number}: `{clip}` was there before", number=number, clip=each.clip))
        found[each.clip] = each
    if not found and not problems:
        problems.append(say("there are no lines"))
    if problems:
        found_wrong = [say("In the predictions, {fault}.", fault=each) for each in problems[:MOST]]
        raise Problems([Problem(code="bad-predictions", message=each) for each in found_wrong])
    return list(found.values())


def figures(predictions: Sequence[Prediction]) -> Figures:
    """Accuracy, macro-F1, calibration error and recall of each class."""
    return Figures(
        clips=len(predictions),
        accuracy=round(accuracy(predictions), 4),
        macro_f1=round(macro_f1(predictions), 4),
        ece=round(calibration_error(predictions), 4),
        recall={name: round(value, 4) for name, value in recalls(predictions).items()},
    )


def accuracy(predictions: Sequence[Prediction]) -> float:
    """The share that is right."""
    return sum(each.right for each in predictions) / len(predictions)


def recalls(predictions: Sequence[Prediction]) -> dict[str, float]:
    """The share found of each class that occurs."""
    truths = sorted({each.truth for each in predictions})
    return {name: accuracy([each for each in predictions if each.truth == name]) for name in truths}


def macro_f1(predictions: Sequence[Prediction]) -> float:
    """The mean F1 of the classes that occur."""
    truths = {each.truth for each in predictions}
    found = {name: sum(each.right for each in predictions if each.truth == name) for name in truths}
    total = {name: sum((each.said == name) + (each.truth == name) for each in predictions) for name in truths}
    return sum(2 * found[name] / total[name] for name in truths) / len(truths)


def calibration_error(predictions: Sequence[Prediction]) -> float:
    """How far the confidence is from the share that is right: the weighted mean of ten bins."""
    gaps = [0.0] * BINS
    for each in predictions:
        confidence = each.scores[each.said]
        gaps[min(math.floor(confidence * BINS), BINS - 1)] += each.right - confidence
    return sum(map(abs, gaps)) / len(predictions)
