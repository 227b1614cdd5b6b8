"""The comparison with production as Markdown: for a pull request, a job's summary, a terminal."""

from collections import Counter
from collections.abc import Sequence

from runs import HEADLINE, Kept, interval_of, value_of

from halles.model import GateReport


def summary(run: Kept, production: Kept | None, verdict: GateReport | None) -> str:
    """The run in figures, beside what is in production, and what the gate would say; None where both say the same."""
    parts = [f"## music-style: run `{run.id}`\n", _headline(run, production), _verdict(production, verdict)]
    parts += [_params(run, production), _recalls(run, production), _curve(run), _confusion(run)]
    return "\n".join(part for part in parts if part) + "\n"


def _headline(run: Kept, production: Kept | None) -> str:
    figures = run.figures
    beside = f" `{production.id}` |" if production else ""
    lines = [f"| {figures['clips']} clips that it did not learn from | this run | 95 % interval |{beside}"]
    lines.append("|---|---|---|" + ("---|" if production else ""))
    for name, title in HEADLINE.items():
        low, high = interval_of(figures, name)
        was = f" {value_of(production.figures, name):.3f} |" if production else ""
        lines.append(f"| {title} | **{value_of(figures, name):.3f}** | {low:.3f} – {high:.3f} |{was}")
    none = "" if production else "\nNothing of the registry is in production to compare it with.\n"
    return "\n".join(lines) + "\n" + none


def _verdict(production: Kept | None, verdict: GateReport | None) -> str:
    if production is None:
        return ""
    if verdict is None:
        return "It says of each clip what production says: there is nothing to promote.\n"
    said = "passes" if verdict.passed else "**does not pass**"
    lines = [f"- {'✓' if each.passed else '✗'} {each.message}" for each in verdict.findings]
    return f"It {said} the gate:\n\n" + "\n".join(lines) + "\n"


def _params(run: Kept, production: Kept | None) -> str:
    if production is None or not production.params:
        return ""
    names = sorted(run.params.keys() | production.params.keys())
    changed = [name for name in names if run.params.get(name) != production.params.get(name)]
    if not changed:
        return "The parameters are those of production.\n"
    lines = [f"| `{name}` | {run.params.get(name, '–')} | {production.params.get(name, '–')} |" for name in changed]
    return "| parameter | this run | production |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _recalls(run: Kept, production: Kept | None) -> str:
    lines = []
    for name in run.genres:
        now, was = run.figures["recall"][name], production.figures["recall"].get(name) if production else None
        lines.append(f"| {name} | {now:.0%} |" + (f" {was:.0%} |" if was is not None else " – |" if production else ""))
    head = "| recall | this run |" + (" production |\n|---|---|---|" if production else "\n|---|---|")
    return _folded("Recall of each genre", f"{head}\n" + "\n".join(lines))


def _curve(run: Kept) -> str:
    learned, sure = run.tables.get("learning", []), run.tables.get("reliability", [])
    drawn = ""
    if learned:
        tracks = ", ".join(f'"{row["tracks"]}"' for row in learned)
        drawn += _chart("Learning curve", f"tracks [{tracks}]", "accuracy", [row["unseen clips"] for row in learned])
    if sure:
        at = ", ".join(f'"{float(row["confidence"]):.0%}"' for row in sure)
        drawn += "\n" + _chart("Reliability", f"confidence [{at}]", "right", [row["right"] for row in sure])
    return _folded("Learning curve and reliability", drawn) if drawn else ""


def _chart(title: str, across: str, up: str, values: Sequence[str]) -> str:
    lines = ["```mermaid", "xychart-beta", f'  title "{title}"', f"  x-axis {across}", f'  y-axis "{up}" 0 --> 1']
    return "\n".join([*lines, f"  line [{', '.join(values)}]", "```"])


def _confusion(run: Kept) -> str:
    counts = Counter((row["true"], row["said"]) for row in run.tables.get("confusion", []))
    if not counts:
        return ""
    lines = [f"| is ╲ said | {' | '.join(run.genres)} |", "|---" * (len(run.genres) + 1) + "|"]
    for true in run.genres:
        cells = " | ".join(str(counts[true, said] or "") for said in run.genres)
        lines.append(f"| **{true}** | {cells} |")
    return _folded("Confusion", "\n".join(lines))


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>\n"
