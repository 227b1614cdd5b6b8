"""Runs leave the house as files, and are run again elsewhere."""

import json
import zipfile
from pathlib import Path

from tests.cli.conftest import Halles


def export(halles: Halles) -> str:
    assert halles("run", "worked", "--input", "text=la", "--out", "out").exit_code == 0
    (run,) = json.loads(halles("runs", "--json").stdout)
    assert halles("runs", "export", run["id"], "run.zip").stdout == "run.zip\n"
    return str(run["id"])


def test_a_run_is_exported_verified_and_run_again(halles: Halles) -> None:
    run = export(halles)
    assert halles("bundle", "verify", "run.zip").stdout.startswith(f"✓ Run {run}: worked, finished, 2 calls on record")
    again = halles("bundle", "replay", "run.zip")
    assert again.exit_code == 0 and "gave the same in all 2 steps" in again.stdout
    verdict = json.loads(halles("bundle", "verify", "run.zip", "--json").stdout)
    assert (verdict["ok"], verdict["run"]) == (True, run)


def test_what_was_changed_is_said(halles: Halles) -> None:
    export(halles)
    with zipfile.ZipFile("run.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile("run.zip", "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content + b" " if name == "plan.json" else content)
    for command in ("verify", "replay"):
        refused = halles("bundle", command, "run.zip")
        assert refused.exit_code == 3
        assert "✗ `plan.json` was changed: its hash is not the one in the manifest." in refused.stderr


def test_what_is_not_there_is_said(halles: Halles) -> None:
    assert halles("bundle", "verify", "none.zip").stderr == "✗ There is no file `none.zip`.\n"
    assert "There is no run `none`" in halles("runs", "export", "none", "run.zip").stderr
    export(halles)
    refused = halles("runs", "export", json.loads(halles("runs", "--json").stdout)[0]["id"], Path("no/where.zip"))
    assert "`no/where.zip` cannot be written" in refused.stderr
