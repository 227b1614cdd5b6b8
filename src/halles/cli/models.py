"""Commands for the model files."""

import json
import sys

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from halles.main import Market
from halles.model import Problem, Problems, listing, suggest
from halles.weights import Recipe, WeightsError, status
from halles.weights import pull as pull_recipe
from halles.weights import verify as verify_recipe


def show(*, as_json: bool) -> None:
    """All weights, a line each."""
    found = [(users, status(recipe)) for recipe, users in _recipes(Market()).items()]
    if as_json:
        rows = [
            {"name": s.recipe.name, "state": s.state, "licence": s.recipe.licence, "identity": s.recipe.identity,
             "bytes": s.size or s.recipe.size, "path": str(s.path), "services": users}
            for users, s in found
        ]  # fmt: skip
        print(json.dumps(rows, indent=2))
        return
    for users, s in found:
        megabytes = f"{(s.size or s.recipe.size) / 1e6:8.1f} MB"
        print(f"{s.recipe.name:<24} {s.state:<8} {megabytes}  {s.recipe.licence:<12} {', '.join(users)}")


def pull(names: list[str]) -> None:
    """Fetch weights, all unless some are named."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for recipe in _named(names):
            row = progress.add_task(recipe.name, total=recipe.size or None)

            def report(done: int, total: int | None, what: str, row: int = row, name: str = recipe.name) -> None:
                progress.update(row, completed=done, total=total, description=f"{name} {what}")  # type: ignore[arg-type]

            try:
                pull_recipe(recipe, progress=report)
            except WeightsError as error:
                raise Problems([Problem(code="no-weights", message=str(error))]) from error
            size = status(recipe).size
            progress.update(row, completed=size, total=size, description=recipe.name)


def verify(names: list[str]) -> None:
    """Compare files with their hashes; those that are not here are said to be missing."""
    problems = []
    for recipe in _named(names):
        bad = [check for check in verify_recipe(recipe) if not check.ok]
        print(f"{recipe.name:<24} {'ok' if not bad else 'missing' if all(c.got is None for c in bad) else 'DAMAGED'}")
        hint = f"`halles weights pull {recipe.name}` fetches it."
        for check in bad:
            if check.got is not None:
                message = f"{recipe.name}/{check.file} has sha256 {check.got}, not {check.expected}. {hint}"
                problems.append(Problem(code="damaged", message=message))
    if problems:
        raise Problems(problems)


def _recipes(market: Market) -> dict[Recipe, list[str]]:
    users: dict[Recipe, list[str]] = {}
    services, problems = market.services.all()
    for service in services:
        for recipe in service.recipes:
            users.setdefault(recipe, []).append(service.slug)
    for problem in problems:
        print(f"✗ {problem}", file=sys.stderr)
    return users


def _named(names: list[str]) -> list[Recipe]:
    known = {recipe.name: recipe for recipe in _recipes(Market())}
    if unknown := [name for name in names if name not in known]:
        message = f"There are no weights `{unknown[0]}`. There are {listing(known)}."
        raise Problems([Problem(code="unknown-weights", message=message, suggestions=suggest(unknown[0], known))])
    return [known[name] for name in names] or list(known.values())
