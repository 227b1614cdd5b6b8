"""The gate: what lets a version through, and what it says of one that it does not let through."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.model import Finding, GateReport, Problems
from halles.registry.evaluation import calibration_error, figures, read_predictions
from halles.registry.gate import Limits, Trial, judge, mcnemar
from tests.trained import predictions

LIMITS = Limits(bytes=20e6, slowdown=1.5)


def trial(accuracy: float, *, number: int = 2, size: int = 5_000_000, seconds: float | None = None, **said) -> Trial:
    return Trial(number, size, predictions(accuracy, **said), seconds)


def verdict(candidate: Trial, production: Trial) -> GateReport:
    return judge(candidate, production, LIMITS)


def failed(report: GateReport) -> list[str]:
    return [each.check for each in report.findings if not each.passed]


def finding(report: GateReport, check: str) -> Finding:
    return next(each for each in report.findings if each.check == check)


def test_a_better_version_passes_and_the_report_says_how_much_better():
    report = verdict(trial(0.85), trial(0.7, number=1))
    assert report.passed
    better = finding(report, "better").numbers
    assert better["effect"] == pytest.approx((better["won"] - better["lost"]) / 200)
    assert better["low"] > 0
    assert better["p"] < 0.001
    assert finding(report, "better").message.endswith("By luck alone: p < 0.001.")


def test_one_that_is_as_good_is_refused_because_that_can_be_luck():
    report = verdict(trial(0.7), trial(0.7, number=1))
    assert failed(report) == ["better"]
    assert finding(report, "better").numbers["p"] == 1


def test_more_right_clips_are_not_enough_when_luck_would_do():
    report = verdict(trial(0.72), trial(0.7, number=1))
    numbers = finding(report, "better").numbers
    assert (numbers["won"], numbers["lost"], numbers["p"]) == (4, 0, 1 / 16)
    assert failed(report) == ["better"]


def test_one_that_loses_a_class_is_refused_even_when_it_is_better():
    report = verdict(trial(0.99, lost="jazz"), trial(0.6, number=1))
    assert finding(report, "better").passed
    lost = [each for each in report.findings if each.check == "class"]
    assert [(each.subject, each.numbers["candidate"]) for each in lost] == [("jazz", 0.0)]
    assert lost[0].message.startswith("Jazz is lost: 0.0% are found, ")


def test_a_class_that_falls_below_the_floor_is_lost():
    def with_jazz(recall: float) -> Trial:
        found = predictions(0.9, clips=400)
        jazz = [each for each in found if each.truth == "jazz"]
        wrong = {each.clip for each in jazz[round(recall * len(jazz)) :]}
        turned = predictions(0.0, clips=400, confidence=0.9)
        right = predictions(1.0, clips=400, confidence=0.9)
        both = zip(turned, right, strict=True)
        return Trial(1, 1, [bad if bad.clip in wrong or good.truth == "pop" else good for bad, good in both])

    report = verdict(with_jazz(0.54), with_jazz(0.56))
    assert "class" in failed(report)
    assert finding(report, "class").subject == "jazz"
    assert "class" not in failed(verdict(with_jazz(0.56), with_jazz(0.58)))


def test_one_that_is_worse_calibrated_is_refused():
    report = verdict(trial(0.9, confidence=0.6), trial(0.7, number=1))
    assert failed(report) == ["calibration"]
    assert finding(report, "calibration").message.endswith("At most 0.030 is allowed.")


def test_one_that_is_slower_than_allowed_is_refused():
    assert failed(verdict(trial(0.9, seconds=1.6), trial(0.7, number=1, seconds=1.0))) == ["speed"]
    assert failed(verdict(trial(0.9, seconds=1.4), trial(0.7, number=1, seconds=1.0))) == []


def test_one_that_is_larger_than_allowed_is_refused():
    report = verdict(trial(0.9, size=21_000_000), trial(0.7, number=1))
    assert failed(report) == ["size"]
    assert finding(report, "size").message == "The model has 21.0 MB; at most 20 MB are allowed."


def test_the_first_version_needs_no_opponent_but_must_be_fast_and_small():
    nobody = Trial(0, 0, seconds=1.0)
    assert verdict(trial(0.4, seconds=1.0), nobody).passed
    assert failed(verdict(trial(0.9, size=30_000_000, seconds=2.0), nobody)) == ["speed", "size"]


def test_versions_that_were_validated_on_other_clips_cannot_be_compared():
    report = verdict(trial(0.95, first=1000), trial(0.5, number=1))
    assert failed(report) == ["comparable"]
    assert "0 are among the 200 of the candidate" in finding(report, "comparable").message


def test_too_few_clips_say_nothing():
    report = verdict(trial(0.95, clips=49), trial(0.5, number=1, clips=49))
    assert failed(report) == ["comparable"]
    assert "on 49 clips, too few to tell which is better. At least 50" in finding(report, "comparable").message


def test_all_reasons_are_told_at_once():
    bad = trial(0.6, lost="pop", confidence=0.9, seconds=3, size=30_000_000)
    reasons = failed(verdict(bad, trial(0.8, number=1, seconds=1)))
    assert list(dict.fromkeys(reasons)) == ["better", "class", "calibration", "speed", "size"]


@settings(deadline=None)  # Fractions of long numbers take a busy machine its time.
@given(st.integers(0, 120), st.integers(0, 120))
def test_the_paired_test_is_exact(won: int, lost: int):
    n = won + lost
    exact = sum((Fraction(comb(n, k), 2**n) for k in range(won, n + 1)), Fraction(0))
    assert mcnemar(won, lost) == pytest.approx(float(exact))
    assert 0 <= mcnemar(won, lost) <= 1
    # Either side is at least as likely as not, and both together count the middle twice.
    assert mcnemar(won, lost) + mcnemar(lost, won) == pytest.approx(1 + comb(n, won) / 2**n)


def test_what_a_binomial_table_says():
    assert mcnemar(8, 2) == pytest.approx(56 / 1024)
    assert mcnemar(0, 0) == 1


def test_figures_are_those_of_the_table():
    said = read_predictions("file,genre,jazz,pop\na,jazz,0.9,0.1\nb,jazz,0.6,0.4\nc,pop,0.8,0.2\nd,pop,0.3,0.7\n")
    known = figures(said)
    assert (known.clips, known.accuracy, known.recall) == (4, 0.75, {"jazz": 1.0, "pop": 0.5})
    assert known.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2, abs=1e-4)
    assert calibration_error(said) == pytest.approx((0.1 + 0.4 + 0.8 + 0.3) / 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "need a column `file`"),
        ("file,genre\na,pop\n", "one a class"),
        ("file,genre,jazz,pop\n", "there are no lines"),
        ("file,genre,jazz,pop\na,rock,1,0\n", "line 2: `rock` is no class of the model"),
        ("file,genre,jazz,pop\na,jazz,1,0\na,jazz,1,0\n", "line 3: `a` was there before"),
        ("file,genre,jazz,pop\na,jazz,1,nan\n", "sum to 1"),
        ("file,genre,jazz,pop\na,jazz,2,-1\n", "are 0 or more"),
        ("file,genre,jazz,pop\na,jazz,1\n", "line 2 has no number for each class"),
        ("file,genre,jazz,pop\na,jazz,much,0\n", "line 2 has no number for each class"),
    ],
)
def test_predictions_that_cannot_be_right_are_refused(text: str, said: str):
    with pytest.raises(Problems, match=said):
        read_predictions(text)
