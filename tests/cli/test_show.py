"""Commands that show: for eyes, and with `--json` for programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from halles.cli.guard import REFUSED
from tests.cli.conftest import ROOT, Halles
from tests.sounds import write

MISWIRED = """
id: mine
inputs: {song: {media: audio/*}}
steps: [{id: a, service: measure, inputs: {sogn: inputs.song}, params: {rate: 1}}]
outputs: {out: a.wrods}
"""


@pytest.fixture
def run(halles: Halles) -> str:
    """The id of a run that finished."""
    halles("run", "measured", "-i", f"song=@{write(Path('song.wav'))}", "--out", "out")
    return str(json.loads(Path("out/run.json").read_text())["id"])


def test_services_are_listed_also_when_one_is_broken(halles: Halles) -> None:
    result = halles("services")
    assert result.exit_code == 0
    assert "measure              1.0      Measure a song.\n" in result.stdout
    assert "✗ Service `broken` needs `tests.cli.absent`" in result.stderr
    specs = {spec["slug"]: spec for spec in json.loads(halles("services", "--json").stdout)}
    assert [port["name"] for port in specs["measure"]["outputs"]] == ["facts", "words"]


def test_a_service_shows_its_ports_parameters_and_weights(halles: Halles) -> None:
    shown = halles("services", "show", "measure").stdout
    assert "  song         audio/*  a song\n" in shown
    assert "  facts        application/json;kind=facts  what was measured\n" in shown
    assert '  unit = "s"   (s, min)\n' in shown
    assert "  rate = 8000  samples a second\n" in shown
    assert "  model  MIT  https://example.org/model\n" in halles("services", "show", "model").stdout
    assert json.loads(halles("services", "show", "measure", "--json").stdout)["slug"] == "measure"


def test_pipelines_are_listed_and_shown(halles: Halles) -> None:
    assert "measured             Measure and hum\n" in halles("pipelines").stdout
    assert "measured" in [each["id"] for each in json.loads(halles("pipelines", "--json").stdout)]
    shown = halles("pipelines", "show", "measured").stdout
    assert "  song         audio/*  any song\n" in shown
    assert "  hum          hum                  text ← measure.words\n" in shown
    assert json.loads(halles("pipelines", "show", "measured", "--json").stdout)["id"] == "measured"


def test_runs_are_listed_and_shown(halles: Halles, run: str) -> None:
    assert f"{run}  " in halles("runs").stdout
    assert [each["id"] for each in json.loads(halles("runs", "--json").stdout)] == [run]
    shown = halles("runs", "show", run[:8]).stdout
    assert f"Run {run}: measured, finished, seed 0" in shown
    assert 'measure@1.0 (no weights) {"rate": 8000, "unit": "s"}' in shown
    assert json.loads(halles("runs", "show", run, "--json").stdout) == json.loads(Path("out/run.json").read_text())


def test_where_nothing_ran_it_is_said(halles: Halles) -> None:
    result = halles("runs")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing has run yet.\n")
    assert json.loads(halles("runs", "--json").stdout) == []


def test_a_sound_pipeline_is_said_to_be_sound(halles: Halles) -> None:
    assert halles("check", "measured").stdout == "✓ measured: 2 steps, no problems.\n"
    assert json.loads(halles("check", "measured", "--json").stdout) == []


def test_all_that_is_wrong_with_a_pipeline_is_said(halles: Halles) -> None:
    Path("mine.yaml").write_text(MISWIRED)
    result = halles("check", "mine.yaml")
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["✗ a.sogn", "✗ a.song", "✗ a.rate", "✗ out"]
    as_json = halles("check", "mine.yaml", "--json")
    assert as_json.exit_code == REFUSED
    assert [problem["code"] for problem in json.loads(as_json.stdout)] == [
        "unknown-port", "missing-input", "bad-param", "unknown-port",
    ]  # fmt: skip


def test_a_plan_shows_what_a_run_would_do_without_doing_it(halles: Halles) -> None:
    shown = halles("plan", "measured", "--set", "measure.rate=16000").stdout
    assert shown.startswith('measure      measure@1.0\n               params: {"rate": 16000, "unit": "s"}\n')
    assert "hum          hum@1.0  after measure\n" in shown
    planned = json.loads(halles("plan", "measured", "--seed", "3", "--json").stdout)
    assert (planned["seed"], [task["id"] for task in planned["tasks"]]) == (3, ["measure", "hum"])
    assert json.loads(halles("runs", "--json").stdout) == []


def test_weights_are_listed(halles: Halles) -> None:
    rows = {row["name"]: row for row in json.loads(halles("weights", "list", "--json").stdout)}
    assert (rows["model"]["state"], rows["model"]["services"]) == ("missing", ["model"])


COMMANDS = [
    "run", "call", "check", "plan", "serve", "worker", "service", "storage", "conform", "services", "pipelines", "runs",
    "bundle", "cache", "weights", "accounts", "keys",
]  # fmt: skip


def test_help_lists_every_command_and_the_exit_codes(halles: Halles) -> None:
    shown = halles("--help").stdout
    listed = [line.split()[0] for line in shown.partition("Commands:")[2].splitlines() if line.startswith("  ")]
    assert [name for name in listed if name in COMMANDS] == COMMANDS
    for code in ("0 done", "1 a step", "2 the", "3 the request", "130 cancelled"):
        assert code in " ".join(shown.split())


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + [["runs", "resume"], ["cache", "prune"]])
def test_every_command_explains_itself(halles: Halles, command: list[str]) -> None:
    result = halles(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys\nfrom halles.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.partition("LOADED")[2].split())
    heavy = {
        "numpy",
        "sqlalchemy",
        "av",
        "pydantic",
        "PIL",
        "obstore",
        "yaml",
        "rich.progress",
        "jsonschema_rs",
        "httpx",
    }
    assert not loaded & heavy


def test_a_reader_that_has_seen_enough_is_no_failure(installed: dict[str, str]) -> None:
    command = f"{sys.executable} -c 'from halles.cli import app; app()' services show measure --json | head -c 0"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env=installed)
    assert done.stdout == ""
    assert "mistake in Halles" not in done.stderr and "Traceback" not in done.stderr
