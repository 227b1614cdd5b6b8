"""The comparison of trainings as one page of HTML that needs nothing else."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import drawing
from runs import HEADLINE, Kept, different, interval_of, value_of

STYLE = Path(__file__).with_name("report.css")
MIDDLE, DEEP = 0.55, 0.72
"""Shares from which a cell is so dark, or bright, that its text needs the other colour: in one theme, and in both."""
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>music-style: training runs</title>
<meta name="viewport" content="width=device-width, initial-scale=1">"""
DRAWN = 6
"""How many of the newest runs are drawn; the table has all."""


def page(runs: Sequence[Kept], production: Kept | None) -> str:
    """The page. `runs` begins with the one that it is about."""
    parts = [head(runs[0], production), table(runs, production), recalls(runs[:DRAWN], production)]
    parts += ['<div class="two">', learning(runs[:DRAWN]), reliability(runs[0]), "</div>", confusion(runs[0])]
    parts += [details(run) for run in runs[1:DRAWN]]
    style = STYLE.read_text(encoding="utf-8")
    return f"{HEAD}<style>{style}</style></head><body><main>{''.join(parts)}</main></body></html>\n"


def head(run: Kept, production: Kept | None) -> str:
    """The run in four figures."""
    figures = run.figures
    cells = [tile(title, figures, name, production) for name, title in HEADLINE.items()]
    worst = min(figures["recall"], key=figures["recall"].__getitem__)
    cells.append(
        f"<div><dt>Least recall</dt><dd>{figures['recall'][worst]:.0%}</dd><dd class='soft'>{escape(worst)}</dd></div>"
    )
    note = f" · {escape(run.note)}" if run.note else ""
    against = f", against {escape(production.id)}" if production else ""
    return (
        f"<header><p class='soft'>music-style · training runs</p><h1>Run {run.id}</h1>"
        f"<p class='soft'>{when(run)}{note} · {figures['clips']} clips of {figures['tracks']} tracks, each told by "
        f"heads that did not learn from its artist{against}</p><dl>{''.join(cells)}</dl></header>"
    )


def tile(title: str, figures: dict[str, object], name: str, production: Kept | None) -> str:
    """A headline figure with its interval, and what it was in production."""
    low, high = interval_of(figures, name)
    was = f" · was {shown(name, value_of(production.figures, name))}" if production else ""
    said = f"{shown(name, low)} – {shown(name, high)}{was}"
    return f"<div><dt>{title}</dt><dd>{shown(name, value_of(figures, name))}</dd><dd class='soft'>{said}</dd></div>"


def table(runs: Sequence[Kept], production: Kept | None) -> str:
    """All runs, with the parameters in which they differ."""
    names = different(runs)
    every = [*runs, *([production] if production else [])]
    ends = [end for run in every for end in interval_of(run.figures, "accuracy")]
    scale = (min(ends), max(ends))
    heads = ["Run", "Made", *names, "Accuracy", "", "Macro-F1", "ECE", "Sure of"]
    rows = [row(run, names, scale, runs[0]) for run in runs]
    if production:
        rows.append(row(production, names, scale, runs[0]))
    cells = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    best = max(value_of(run.figures, "accuracy") for run in runs)
    hint = f"<p class='soft'>{len(runs)} run{'s' if len(runs) > 1 else ''}; the best accuracy is {best:.1%}. "
    hint += "Lines are 95 % intervals: where they overlap much, a difference may be luck.</p>"
    body = f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<section><h2>Runs</h2>{hint}<div class='wide'>{body}</div></section>"


def row(run: Kept, names: Sequence[str], scale: tuple[float, float], newest: Kept) -> str:
    """A line of the table."""
    figures = run.figures
    accuracy, ends = value_of(figures, "accuracy"), interval_of(figures, "accuracy")
    other = " <span class='tag'>other data</span>" if run.data and run.data != newest.data else ""
    sure = f"{figures['sure']['share']:.0%}" if "sure" in figures else "–"
    cells = [
        f"<th scope='row'><code>{escape(run.id)}</code>{other}</th>",
        f"<td class='number'>{when(run)}<span class='soft block'>{escape(run.note)}</span></td>",
        *(f"<td class='number'>{escape(str(run.params.get(name, '–')))}</td>" for name in names),
        f"<td class='number'>{accuracy:.1%}</td><td>{drawing.interval(accuracy, *ends, scale)}</td>",
        f"<td class='number'>{value_of(figures, 'macro_f1'):.3f}</td>",
        f"<td class='number'>{value_of(figures, 'ece'):.3f}</td><td class='number'>{sure}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def recalls(runs: Sequence[Kept], production: Kept | None) -> str:
    """How much of each class is found."""
    every = [*runs, *([production] if production else [])]
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in runs[0].genres)
    rows = []
    for run in every:
        found = [run.figures["recall"].get(name) for name in runs[0].genres]
        cells = "".join("<td>–</td>" if value is None else heat(value) for value in found)
        rows.append(f"<tr><th scope='row'><code>{escape(run.id)}</code></th>{cells}</tr>")
    body = f"<table class='heat'><thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<section><h2>Recall of each genre</h2><div class='wide'>{body}</div></section>"


def learning(runs: Sequence[Kept]) -> str:
    """What more tracks would give."""
    lines = [
        (run.id, [(float(each["tracks"]), float(each["unseen clips"])) for each in run.tables["learning"]])
        for run in runs if run.tables.get("learning")
    ]  # fmt: skip
    if not lines:
        return ""
    keys = "".join(
        f"<li><i class='s{n % drawing.SERIES}'></i><code>{escape(name)}</code></li>"
        for n, (name, _) in enumerate(lines)
    )
    drawn = f"{drawing.learning_curve(lines)}<ul class='keys'>{keys}</ul>"
    hint = "Accuracy on unseen clips, by the number of tracks learned from."
    return f"<section><h2>Learning curve</h2><p class='soft'>{hint}</p>{drawn}</section>"


def reliability(run: Kept) -> str:
    """Whether confidence is to be believed."""
    rows = [(float(each["confidence"]), float(each["right"]), int(each["clips"])) for each in run.tables["reliability"]]
    hint = "How often it is right, by how sure it says it is. On the diagonal the two agree; wide bars are many clips."
    return f"<section><h2>Reliability</h2><p class='soft'>{hint}</p>{drawing.reliability(rows)}</section>"


def confusion(run: Kept) -> str:
    """What is taken for what."""
    counts: dict[tuple[str, str], int] = {}
    for each in run.tables["confusion"]:
        counts[each["true"], each["said"]] = counts.get((each["true"], each["said"]), 0) + 1
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in run.genres)
    rows = []
    for true in run.genres:
        total = sum(count for (name, _), count in counts.items() if name == true)
        cells = "".join(
            heat(counts.get((true, said), 0) / total, str(counts.get((true, said), 0) or "")) for said in run.genres
        )
        rows.append(f"<tr><th scope='row'>{escape(true)}</th>{cells}</tr>")
    body = f"<table class='heat'><thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    hint = "Rows are what a clip is, columns what the model says."
    return f"<section><h2>Confusion</h2><p class='soft'>{hint}</p><div class='wide'>{body}</div></section>"


def details(run: Kept) -> str:
    """The drawings of an older run."""
    inside = f"<div class='two'>{reliability(run)}{confusion(run)}</div>"
    return f"<details><summary>Run <code>{run.id}</code>, {when(run)}</summary>{inside}</details>"


def heat(share: float, said: str | None = None) -> str:
    """A cell whose depth of colour is a share."""
    text = f"{share:.0%}" if said is None else said
    depth = "deep" if share > DEEP else "middle" if share > MIDDLE else ""
    return f"<td class='{depth}' style='--share:{share:.3f}'>{text}</td>"


def shown(name: str, value: float) -> str:
    """A figure as people read it."""
    return f"{value:.1%}" if name == "accuracy" else f"{value:.3f}"


def when(run: Kept) -> str:
    """Day and time."""
    return escape(run.made[:16].replace("T", " ")) if run.made else ""
