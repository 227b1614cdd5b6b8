"""The commands. What is heavy is imported by the command that needs it, so that `--help` is there at once."""

from pathlib import Path
from typing import Annotated

import typer

from halles.cli.guard import guarded
from halles.cli.registry_app import models

app = typer.Typer(
    help="Halles: assemble AI services into pipelines and run them. A song becomes its album cover.",
    epilog="Exit codes: 0 done · 1 a step, the disk or the database failed · 2 the command line is wrong · "
    "3 the request or an input is wrong, nothing was lost · 130 cancelled, resume with `halles runs resume`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
pipelines = typer.Typer(help="The pipelines that are there.", rich_markup_mode=None, invoke_without_command=True)
services = typer.Typer(help="The services on the shelf.", rich_markup_mode=None, invoke_without_command=True)
runs = typer.Typer(help="What ran, and what can go on.", rich_markup_mode=None, invoke_without_command=True)
cache = typer.Typer(help="Results that need not be computed again.", rich_markup_mode=None, no_args_is_help=True)
bundles = typer.Typer(help="Runs with all that made them, in a file.", rich_markup_mode=None, no_args_is_help=True)
weights = typer.Typer(help="The model files.", rich_markup_mode=None, no_args_is_help=True)
accounts = typer.Typer(help="Who may use the server.", rich_markup_mode=None, no_args_is_help=True)
keys = typer.Typer(help="API keys, with which accounts come in.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(services, name="services")
app.add_typer(pipelines, name="pipelines")
app.add_typer(runs, name="runs")
app.add_typer(bundles, name="bundle")
app.add_typer(cache, name="cache")
app.add_typer(weights, name="weights")
app.add_typer(models, name="models")
app.add_typer(accounts, name="accounts")
app.add_typer(keys, name="keys")

Inputs = Annotated[list[str], typer.Option("--input", "-i", metavar="NAME=VALUE|@FILE", help="An input; repeatable.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where the outputs are written.")]
Settings = Annotated[list[str], typer.Option("--set", metavar="[STEP.]PARAM=V", help="A parameter; repeatable.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="The same seed gives the same result.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
@guarded
def run(
    pipeline: Annotated[str, typer.Argument(help="A pipeline's id, or the path of its YAML or JSON file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the outputs are written.")],
    input: Inputs = [],
    set: Settings = [],
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Run a pipeline and write its outputs, and the record `run.json`, into a folder."""
    from halles.cli import running

    running.run(pipeline, input, set, seed, out, as_json=json)


@app.command()
@guarded
def call(
    service: Annotated[str, typer.Argument(help="A service's slug.")],
    input: Inputs = [],
    set: Settings = [],
    out: Out = None,
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Call one service; its outputs are files named after its ports."""
    from halles.cli import running

    running.call(service, input, set, seed, out, as_json=json)


@app.command()
@guarded
def check(
    file: Annotated[str, typer.Argument(help="A pipeline's YAML or JSON file, or its id.")], json: AsJson = False
) -> None:
    """Say all that is wrong with a pipeline."""
    from halles.cli import showing

    showing.check(file, as_json=json)


@app.command()
@guarded
def plan(
    file: Annotated[str, typer.Argument(help="A pipeline's YAML or JSON file, or its id.")],
    set: Settings = [],
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Show what a run would do, in which order, without doing it."""
    from halles.cli import showing

    showing.plan(file, set, seed, as_json=json)


@app.command()
@guarded
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: HALLES_HOST or 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. [default: HALLES_PORT or 8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="Runs executed at once. [default: HALLES_WORKERS or 4]")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Execute no runs: workers elsewhere do.")] = False,
    log_format: Annotated[str | None, typer.Option(help="text or json. [default: HALLES_LOG_FORMAT or text]")] = None,
) -> None:
    """Serve the marketplace: the API, and a worker that executes runs."""
    from halles.api.settings import Settings
    from halles.cli import serve

    workers = 0 if no_worker else workers
    serve.run(Settings.read(host=host, port=port, workers=workers, log_format=log_format))


@app.command()
@guarded
def worker(
    runs: Annotated[int | None, typer.Option(help="Runs executed at once. [default: HALLES_WORKERS or 4]")] = None,
    log_format: Annotated[str | None, typer.Option(help="text or json. [default: HALLES_LOG_FORMAT or text]")] = None,
) -> None:
    """Execute queued runs, beside a server of the same database and objects; as many workers as you like."""
    from halles.cli import worker

    worker.run(runs, log_format)


@app.command()
@guarded
def service(
    name: Annotated[str, typer.Argument(help="A service's slug, or `package.module:name`.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 lets the system choose.")],
    host: Annotated[str, typer.Option("--host", help="The address it listens on; 0.0.0.0 is every one.")] = "127.0.0.1",
    set: Annotated[list[str], typer.Option("--set", metavar="PARAM=V", help="A parameter; repeatable.")] = [],
) -> None:
    """Serve one service alone, for the engines in ENGINE_URLS and whoever speaks their contract."""
    from halles.cli import service as serving

    serving.run(name, host, port, set)


@app.command()
@guarded
def storage(
    dir: Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Data; `storage` in HALLES_HOME.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address that the S3 server listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Its port; 0: a free one.")] = 0,
) -> None:
    """Serve S3 buckets for artifacts and exchanged content, until it is stopped."""
    from halles.cli import storage as command

    command.run(dir, host, port)


@app.command()
@guarded
def conform(
    url: Annotated[str, typer.Argument(help="Where the service is.")],
    input: Annotated[list[str], typer.Option("--input", "-i", metavar="FIELD=@FILE", help="An input.")] = [],
    command: Annotated[str | None, typer.Option(help="Start the service so, and stop it at the end.")] = None,
    engine_port: Annotated[int | None, typer.Option(help="Where the service looks for its engine.")] = None,
    engine_host: Annotated[str, typer.Option(help="Address at which it reaches this machine.")] = "127.0.0.1",
    generation: Annotated[list[int], typer.Option(min=1, max=2, help="Generations of the contract.")] = [1, 2],
    slow: Annotated[bool, typer.Option("--slow", help="Judge too what takes minutes.")] = False,
    json: AsJson = False,
) -> None:
    """Examine a service by the Swiss AI Center's contract, whoever wrote it: this plays the engine."""
    from halles.cli import conform
    from halles.conform.kit import Kit

    kit = Kit(
        url, conform.given(input), command, engine_host=engine_host, engine_port=engine_port,
        generations=tuple(generation), slow=slow,
    )  # fmt: skip
    conform.run(kit, as_json=json)


@services.callback()
@guarded
def list_services(context: typer.Context, json: AsJson = False) -> None:
    """The services on the shelf."""
    if context.invoked_subcommand is None:
        from halles.cli import showing

        showing.services(as_json=json)


@services.command("show")
@guarded
def show_service(slug: str, json: AsJson = False) -> None:
    """One service: ports, parameters, weights."""
    from halles.cli import showing

    showing.service(slug, as_json=json)


@pipelines.callback()
@guarded
def list_pipelines(context: typer.Context, json: AsJson = False) -> None:
    """The pipelines that are there."""
    if context.invoked_subcommand is None:
        from halles.cli import showing

        showing.pipelines(as_json=json)


@pipelines.command("show")
@guarded
def show_pipeline(name: str, json: AsJson = False) -> None:
    """One pipeline: inputs, steps, outputs."""
    from halles.cli import showing

    showing.pipeline(name, as_json=json)


@runs.callback()
@guarded
def list_runs(context: typer.Context, json: AsJson = False) -> None:
    """What ran, the newest first."""
    if context.invoked_subcommand is None:
        from halles.cli import showing

        showing.runs(as_json=json)


@runs.command("show")
@guarded
def show_run(run: str, json: AsJson = False) -> None:
    """One run: its steps, timings, outputs and how they were made."""
    from halles.cli import showing

    showing.run(run, as_json=json)


@runs.command("resume")
@guarded
def resume_run(run: str, out: Out = None, json: AsJson = False) -> None:
    """Go on with a run that was cut off, cancelled or failed; finished steps are not run again."""
    from halles.cli import running

    running.resume(run, out, as_json=json)


@runs.command("export")
@guarded
def export_run(run: str, file: Annotated[Path, typer.Argument(help="The zip that is written.")]) -> None:
    """Write a run with all that made it into one file, which others can verify and run again."""
    from halles.cli import bundles

    bundles.export(run, file)


@bundles.command("verify")
@guarded
def verify_bundle(file: Path, json: AsJson = False) -> None:
    """Check every hash, compute the key of every call anew, and add the log up again."""
    from halles.cli import bundles

    bundles.verify(file, as_json=json)


@bundles.command("replay")
@guarded
def replay_bundle(file: Path, json: AsJson = False) -> None:
    """Run it again here, with nothing taken from the cache, and say what differs."""
    from halles.cli import bundles

    bundles.repeat(file, as_json=json)


@runs.command("cancel")
@guarded
def cancel_run(run: str) -> None:
    """Stop a run that another process executes; it can be resumed."""
    from halles.cli import running

    running.cancel(run)


@cache.command("prune")
@guarded
def prune_cache(
    all: Annotated[bool, typer.Option("--all", help="Everything, however new.")] = False,
    days: Annotated[float, typer.Option("--days", min=0, help="Keep what is newer than this.")] = 30,
) -> None:
    """Delete results and artifacts that are older than 30 days; they can be computed again.

    Inputs are artifacts too: a run of before can then be resumed no more, only run again. Refused while a run is
    executed.
    """
    from halles.cli import showing

    showing.prune(0 if all else days)


@weights.command("list")
@guarded
def list_weights(json: AsJson = False) -> None:
    """The model files that the services use, and whether they are here."""
    from halles.cli import models

    models.show(as_json=json)


@weights.command("pull")
@guarded
def pull_weights(names: Annotated[list[str], typer.Argument(help="Names; all when none is given.")] = []) -> None:
    """Fetch model files, so that everything works offline afterwards."""
    from halles.cli import models

    models.pull(names)


@weights.command("verify")
@guarded
def verify_weights(names: Annotated[list[str], typer.Argument(help="Names; all when none is given.")] = []) -> None:
    """Compare the model files that are here with their hashes."""
    from halles.cli import models

    models.verify(names)


AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name; `local`: this machine.")]
RoleName = Annotated[str, typer.Option("--role", metavar="viewer|runner|author|operator", help="What it may do.")]


@accounts.command("add")
@guarded
def add_account(name: str, role: RoleName = "runner") -> None:
    """Make an account."""
    from halles.cli import accounts

    accounts.add(name, accounts.role(role))


@accounts.command("list")
@guarded
def list_accounts(json: AsJson = False) -> None:
    """All accounts."""
    from halles.cli import accounts

    accounts.show(as_json=json)


@accounts.command("disable")
@guarded
def disable_account(account: AccountName) -> None:
    """Let an account in no more; its keys and sessions open nothing."""
    from halles.cli import accounts

    accounts.enable(account, False)


@accounts.command("enable")
@guarded
def enable_account(account: AccountName) -> None:
    """Let an account in again."""
    from halles.cli import accounts

    accounts.enable(account, True)


@keys.command("create")
@guarded
def create_key(
    account: AccountName,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "",
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="At most the account's, which is taken.")] = "",
    pipeline: Annotated[list[str], typer.Option("--pipeline", help="Only for this pipeline; repeatable.")] = [],
    days: Annotated[float | None, typer.Option("--days", min=0.001, help="Days until it expires.")] = None,
) -> None:
    """Make an API key and print its secret, which is shown this once."""
    from halles.cli import accounts

    accounts.create(account, name, accounts.role(role) if role else None, pipeline, days)


@keys.command("list")
@guarded
def list_keys(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", help="Only those of this account.")] = None,
    json: AsJson = False,
) -> None:
    """The API keys, without their secrets."""
    from halles.cli import accounts

    accounts.keys(account, as_json=json)


@keys.command("revoke")
@guarded
def revoke_key(key: Annotated[str, typer.Argument(metavar="KEY", help="The id of the key.")]) -> None:
    """Make a key open nothing any more."""
    from halles.cli import accounts

    accounts.revoke(key)
