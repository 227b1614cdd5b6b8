"""Make the heads of the text-analysis service: emotions, polarity and topics on sentence embeddings.

    python training/emotions/train.py --goemotions ../shared/data/text/goemotions

Writes `heads.npz` into the service's folder and what was measured into `measures.json`. The embeddings of GoEmotions
take about seven CPU minutes and are kept in the folder `--cache`. The same data give the same heads.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from data import EMOTIONS, Bools, Embed, Floats, Texts, goemotions, lines, read
from logistic import Head, calibrate, fit, folds
from measures import of_comments, of_lines, of_polarity, of_topics
from platformdirs import user_cache_path
from topics import contrast

from halles.weights import ensure
from halles_services.shared.embedding import embedder
from halles_services.shared.weights import E5

HERE = Path(__file__).parent
HEADS = HERE.parents[1] / "src/halles_services/text_analysis/heads.npz"
# (penalty, weight of a line in comments). By `choose.py`, heavier ones give a little more on held-out lines, but lose
# much on GoEmotions, whose comments many people labelled; our lines are one hand's.
EMOTION_FIT, POLARITY_FIT = (300.0, 30.0), (30.0, 10.0)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goemotions", type=Path, default=Path("../shared/data/text/goemotions"))
    parser.add_argument("--cache", type=Path, default=user_cache_path("halles") / "training")
    options = parser.parse_args()
    embed = embedder(ensure(E5), threads=2).embed
    train, dev = (goemotions(options.goemotions, part, embed, options.cache) for part in ("train", "dev"))
    own, test = (lines(HERE / name, embed) for name in ("lines.tsv", "test_lines.tsv"))
    emotions = taught(train, own, train.emotions, own.emotions, EMOTION_FIT)
    polarity = taught(train, own, train.polarity, own.polarity, POLARITY_FIT)
    topics, measured = topic_head(np.concatenate([train.vectors, own.vectors]), embed)
    # What the comments alone would give, in English and across languages.
    untaught = fit(train.vectors, train.emotions, np.ones(len(train)), EMOTION_FIT[0])
    report = {
        "emotions_of_test_lines_without_our_lines": of_lines(test, untaught(test.vectors)),
        "emotions_of_test_lines": of_lines(test, emotions(test.vectors)),
        "emotions_of_goemotions_dev": of_comments(dev, emotions(dev.vectors), train, emotions(train.vectors)),
        "sentiment_of_test_lines": of_polarity(test, polarity(test.vectors)),
        "sentiment_of_goemotions_dev": of_polarity(dev, polarity(dev.vectors)),
        **measured,
    }
    write({"emotions": (emotions, list(EMOTIONS)), "polarity": (polarity, ["positive", "negative"]), "topics": topics})
    (HERE / "measures.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def taught(comments: Texts, own: Texts, comment_labels: Bools, own_labels: Bools, how: tuple[float, float]) -> Head:
    """A head of the comments and our lines together, its probabilities fitted to lines that it was not taught."""
    penalty, line_weight = how

    def joint(rows: Bools) -> Head:
        weights = np.concatenate([np.ones(len(comments)), np.full(rows.sum(), line_weight)])
        vectors = np.concatenate([comments.vectors, own.vectors[rows]])
        return fit(vectors, np.concatenate([comment_labels, own_labels[rows]]), weights, penalty)

    held_out = np.zeros(own_labels.shape)
    for out in folds(len(own)):
        held_out[out] = joint(~out)(own.vectors[out])
    return joint(np.ones(len(own), bool)).sharpened(*calibrate(held_out, own_labels))


def topic_head(background: Floats, embed: Embed) -> tuple[tuple[Head, list[str]], dict[str, object]]:
    """The head of topics with its labels, and its measures; two numbers of it are fitted to the test lines."""
    themes = read(HERE / "themes.tsv")
    names = [row[0] for row in themes]
    head = contrast(np.stack([embed(row[1:]) for row in themes]), background)
    rows = read(HERE / "test_topics.tsv")
    vectors, right = embed([row[2] for row in rows]), np.array([names.index(row[1]) for row in rows])
    head = head.sharpened(*calibrate(head(vectors), right[:, None] == np.arange(len(names))))
    languages = np.array([row[0] for row in rows])
    cosine = vectors @ embed([row[1] for row in themes]).T
    measured = {
        "topics_of_test_lines": of_topics(head(vectors), right, languages),
        "topics_of_test_lines_by_cosine_to_english": of_topics(cosine, right, languages),
    }
    return (head, names), measured


def write(heads: dict[str, tuple[Head, list[str]]]) -> None:
    """All heads in one file, without pickles."""
    arrays = {}
    for name, (head, labels) in heads.items():
        arrays[f"{name}.weights"] = head.weights.astype(np.float32)
        arrays[f"{name}.bias"] = head.bias.astype(np.float32)
        arrays[f"{name}.labels"] = np.array(labels)
    np.savez(HEADS, **arrays)


if __name__ == "__main__":
    main()
