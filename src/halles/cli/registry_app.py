"""The commands for trained models."""

from pathlib import Path
from typing import Annotated

import typer

from halles.cli.guard import guarded

models = typer.Typer(help="The trained models, in versions.", rich_markup_mode=None, no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Name = Annotated[str, typer.Argument(metavar="MODEL", help="The model, such as `music-style`.")]
Named = Annotated[str, typer.Argument(metavar="MODEL[@VERSION]", help="A model, or a version of it.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="`3`, `candidate` or `production`.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the history.")]
Hash = typer.Option(metavar="HASH|FILE", help="What it was made from: a hash, or a file of which it is taken.")
File = typer.Option(exists=True, dir_okay=False, metavar="FILE")


@models.command("list")
@guarded
def list_models(json: AsJson = False) -> None:
    """All models, with the version that is in production and the candidate."""
    from halles.cli import registry

    registry.show_all(as_json=json)


@models.command("show")
@guarded
def show_model(name: Named, json: AsJson = False) -> None:
    """A model with its versions and history; or a version with its figures, hashes and card."""
    from halles.cli import registry

    registry.show(name, as_json=json)


@models.command("push")
@guarded
def push_model(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="MODEL.onnx", exists=True, dir_okay=False, help="The model.")],
    *,
    evaluation: Annotated[
        Path,
        typer.Option(
            "--evaluation", "-e", exists=True, file_okay=False, metavar="DIR",
            help="Folder with `predictions.csv` on the validation clips and, if they are there, `metrics.json` and "
            "`baseline.json`, which says what the model was trained on.",
        ),
    ],
    card: Annotated[Path | None, File] = None,
    params: Annotated[Path | None, File] = None,
    data: Annotated[str, Hash] = "",
    code: Annotated[str, Hash] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What is new.")] = "",
    candidate: Annotated[bool, typer.Option(help="Make it the candidate.")] = True,
    json: AsJson = False,
) -> None:  # fmt: skip
    """Keep a version and make it the candidate. The same files pushed again are the same version."""
    from halles.cli import registry

    registry.push(
        name, file, evaluation, card=card, params=params, data=data, code=code, note=note, candidate=candidate,
        as_json=json,
    )  # fmt: skip


@models.command("promote")
@guarded
def promote_model(
    name: Name,
    version: Version = "candidate",
    force: Annotated[bool, typer.Option("--force", help="Even if the gate refuses it; needs a reason.")] = False,
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Put a version into production, if the gate lets it; services follow without a restart."""
    from halles.cli import registry

    registry.promote(name, version, reason, force=force, as_json=json)


@models.command("rollback")
@guarded
def rollback_model(name: Name, reason: Reason = "", json: AsJson = False) -> None:
    """Put the version back into production that was there before."""
    from halles.cli import registry

    registry.rollback(name, reason, as_json=json)


@models.command("diff")
@guarded
def diff_models(name: Name, old: Version, new: Version, json: AsJson = False) -> None:
    """What two versions have different, and the gate's word on the second one against the first."""
    from halles.cli import registry

    registry.diff(name, old, new, as_json=json)


@models.command("drift")
@guarded
def drift_model(name: Named, json: AsJson = False) -> None:
    """How far calls of late have drifted from what the version in production was trained on."""
    from halles.cli import drift

    drift.show(name, as_json=json)
