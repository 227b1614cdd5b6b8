"""Who may do what: an entry for each route, with a request that is right but for who sends it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from halles.api.core_engine.views import identified
from halles.model import Account, Role
from halles.stores.executions import TASK
from tests.security.world import DOCUMENT, World

Request = dict[str, Any]
Making = Callable[[World, Account], Request]
VIEWER, RUNNER, AUTHOR, OPERATOR = Role


@dataclass(frozen=True)
class Rule:
    """`role` is the least that may ask; None: anybody, without a login. `others` is what those get whose object it is
    not, and who are no operators; None: it is nobody's object, or everybody's."""

    role: Role | None
    status: int
    making: Making
    others: int | None = None
    all_others: bool = False
    """Operators get no more than others: it is about what somebody has, not about what there is."""

    def expects(self, who: str, role: Role | None) -> int:
        """The status for the owner or another one of a role, or for somebody without a login."""
        if self.role is None:
            return self.status
        if role is None:
            return 401
        if not role.covers(self.role):
            return 403
        own = who == "owner" or (role is OPERATOR and not self.all_others)
        return self.status if own or self.others is None else self.others


def path(**names: Callable[[World, Account], Any]) -> Making:
    """A request without a body whose path has these."""
    return lambda world, owner: {"path": {name: make(world, owner) for name, make in names.items()}}


def body(content: Any, **names: Callable[[World, Account], Any]) -> Making:
    """The same with JSON."""
    return lambda world, owner: path(**names)(world, owner) | {"json": content}


def plain(_: World, __: Account) -> Request:
    return {}


def _put(world: World, owner: Account) -> Request:
    slug = world.pipeline(owner)
    return {"path": {"slug": slug}, "json": DOCUMENT | {"id": slug, "name": "changed"}}


def _task(world: World, owner: Account) -> Request:
    task, key = world.task(owner)
    return {"path": {"task_id": task, "key": key}}


def _shared_output(world: World, owner: Account) -> Request:
    share, token = world.share(owner, run=True)
    found = world.market.shares.find(share)
    run = world.market.ledger.load(found.run)
    return {"path": {"token": token, "sha256": run.outputs["out"].sha256}}


def _picture(world: World, owner: Account) -> Request:
    return {"path": {"sha256": world.picture(owner).sha256}, "params": {"width": 160}}


def _shared_picture(world: World, owner: Account) -> Request:
    order = world.order(owner).model_copy(update={"inputs": {"text": world.picture(owner)}})
    world.market.ledger.accept(order)
    share = world.market.shares.make(owner.id, 4e9, run=order.run, inputs=True)
    path = {"token": world.market.shares.token(share), "sha256": order.inputs["text"].sha256}
    return {"path": path, "params": {"width": 160}}


def _announce(world: World, _: Account) -> Request:
    text = [{"name": "text", "type": ["text/plain"]}]
    said = {
        "name": "s",
        "slug": f"new-{world.number()}",
        "summary": "",
        "url": world.outside,
        "docs_url": world.outside,
    }
    return {"json": said | {"data_in_fields": text, "data_out_fields": text}}


def _bundle(world: World, owner: Account) -> Request:
    sha256, _ = world.bundle(owner)
    held = world.market.holdings.find(sha256, owner.id)
    return {"files": {"file": ("run.zip", world.market.objects.read(held.artifact), "application/zip")}}


def _replay(world: World, owner: Account) -> Request:
    sha256, run = world.bundle(owner)
    return {"path": {"sha256": sha256, "run": run}}


def _foreign(slug: str) -> dict[str, Any]:
    """A pipeline as the Swiss AI Center's engine has it."""
    text = {"name": "text", "type": ["text/plain"]}
    step = {"identifier": "a", "needs": [], "inputs": ["pipeline.text"], "service_slug": "shout"}
    return {
        "name": slug, "slug": slug, "summary": "", "data_in_fields": [text],
        "data_out_fields": [text | {"name": "out"}], "tags": [], "steps": [step],
    }  # fmt: skip


ARTIFACT = path(sha256=lambda world, owner: world.artifact(owner).sha256)
RUN = path(run=World.finished)
SERVICE = path(service_id=lambda world, owner: world.service(owner)[1])
STORED = path(key=lambda world, _: world.stored())
FOREIGN = path(pipeline_id=lambda world, owner: identified("pipeline", world.pipeline(owner)))
TASK_OF = path(task_id=lambda world, owner: world.execution(owner, TASK))
MODEL = path(model=World.model)
PAIR = {"old": 1, "new": 1}
MINE = {"slug": World.pipeline}
PUBLISHED = {"slug": lambda world, owner: world.pipeline(owner, published=True)}
FILE = {"files": {"file": ("a.txt", b"hello", "text/plain")}}


def _anything(*_: Any) -> str:
    """The pages of the web application hold nothing of anybody: they look at their path in the browser."""
    return "anything"


PAGES = {
    "/": Rule(None, 200, plain),
    "/docs": Rule(None, 200, plain),
    "/market": Rule(None, 200, plain),
    "/market/{kind}/{slug}": Rule(None, 200, path(kind=_anything, slug=_anything)),
    "/cover/{run}": Rule(None, 200, path(run=_anything)),
    "/s/{token}": Rule(None, 200, path(token=_anything)),
    "/builder": Rule(None, 200, plain),
    "/builder/{slug}": Rule(None, 200, path(slug=_anything)),
    "/history": Rule(None, 200, plain),
    "/history/{run}": Rule(None, 200, path(run=_anything)),
    "/operate": Rule(None, 200, plain),
    "/signin": Rule(None, 200, plain),
    "/icon.svg": Rule(None, 200, plain),
    "/assets/{name}": Rule(None, 404, path(name=_anything)),
}
MATRIX: dict[str, Rule] = {
    # The web application.
    **{f"{method} {page}": rule for page, rule in PAGES.items() for method in ("GET", "HEAD")},
    # Nothing to hide, or something that is its own proof: a link, the id of a task.
    "GET /openapi.json": Rule(None, 200, plain),
    "HEAD /openapi.json": Rule(None, 200, plain),
    "GET /health/live": Rule(None, 200, plain),
    "GET /health/ready": Rule(None, 200, plain),
    "GET /auth": Rule(None, 200, plain),
    "GET /auth/login": Rule(None, 404, plain),  # There is no provider here.
    "GET /auth/callback": Rule(None, 404, plain),
    "POST /auth/logout": Rule(None, 204, plain),
    "GET /shared/{token}": Rule(None, 200, path(token=lambda world, owner: world.share(owner)[1])),
    "GET /shared/{token}/{sha256}": Rule(None, 200, _shared_output),
    "GET /shared/{token}/{sha256}/thumbnail": Rule(None, 200, _shared_picture),
    "PATCH /core-engine/tasks/{task_id}": Rule(
        None, 200, lambda world, owner: _task(world, owner) | {"json": {"status": "processing", "data_out": []}}
    ),
    "GET /core-engine/tasks/{task_id}/storage/{key}": Rule(None, 200, _task),
    "POST /core-engine/tasks/{task_id}/storage": Rule(None, 200, lambda world, owner: _task(world, owner) | FILE),
    # Identity.
    "POST /auth/session": Rule(VIEWER, 200, plain),
    "GET /me": Rule(VIEWER, 200, plain),
    "GET /keys": Rule(VIEWER, 200, plain),
    "POST /keys": Rule(VIEWER, 201, body({"name": "a key"})),
    "DELETE /keys/{key}": Rule(VIEWER, 204, path(key=World.key), others=404),
    "GET /accounts": Rule(OPERATOR, 200, plain),
    "POST /accounts": Rule(OPERATOR, 201, body({"name": "Ada"})),
    "GET /accounts/{account}": Rule(OPERATOR, 200, path(account=lambda _, owner: owner.id)),
    "PATCH /accounts/{account}": Rule(OPERATOR, 200, body({"name": "Ada"}, account=lambda _, owner: owner.id)),
    "GET /accounts/{account}/keys": Rule(OPERATOR, 200, path(account=lambda _, owner: owner.id)),
    "POST /accounts/{account}/keys": Rule(
        OPERATOR, 201, body({"name": "a key", "role": "viewer"}, account=lambda _, owner: owner.id)
    ),
    "GET /accounts/{account}/usage": Rule(OPERATOR, 200, path(account=lambda _, owner: owner.id)),
    "GET /audit": Rule(OPERATOR, 200, plain),
    "GET /audit/export": Rule(OPERATOR, 200, plain),
    # Operation.
    "GET /metrics": Rule(OPERATOR, 200, plain),
    "GET /operation": Rule(OPERATOR, 200, plain),
    "GET /operation/storage": Rule(OPERATOR, 200, plain),
    "GET /statistics": Rule(VIEWER, 200, plain),
    # Artifacts.
    "POST /artifacts": Rule(RUNNER, 201, lambda *_: FILE),
    "PUT /artifacts": Rule(RUNNER, 201, lambda *_: FILE),
    "GET /artifacts": Rule(VIEWER, 200, plain),
    "GET /artifacts/{sha256}": Rule(VIEWER, 200, ARTIFACT, others=404),
    "HEAD /artifacts/{sha256}": Rule(VIEWER, 200, ARTIFACT, others=404),
    "GET /artifacts/{sha256}/thumbnail": Rule(VIEWER, 200, _picture, others=404),
    "DELETE /artifacts/{sha256}": Rule(RUNNER, 204, ARTIFACT, others=404, all_others=True),
    "GET /artifacts/{sha256}/provenance": Rule(VIEWER, 200, ARTIFACT, others=404),
    "POST /artifacts/{sha256}/share": Rule(
        RUNNER, 201, body({}, sha256=lambda world, owner: world.artifact(owner).sha256), others=404
    ),
    "GET /shares": Rule(VIEWER, 200, plain),
    "DELETE /shares/{share}": Rule(RUNNER, 204, path(share=lambda world, owner: world.share(owner)[0]), others=404),
    # Runs.
    "POST /runs": Rule(
        RUNNER,
        202,
        lambda world, owner: {"json": {"pipeline": world.pipeline(owner), "inputs": {"text": "hello"}}},
        404,
    ),
    "POST /estimates": Rule(
        RUNNER,
        200,
        lambda world, owner: {"json": {"pipeline": world.pipeline(owner), "inputs": {"text": "hello"}}},
        404,
    ),
    "GET /runs": Rule(VIEWER, 200, plain),
    "GET /runs/{run}": Rule(VIEWER, 200, RUN, others=404),
    "GET /runs/{run}/plan": Rule(VIEWER, 200, RUN, others=404),
    "GET /runs/{run}/events": Rule(VIEWER, 200, RUN, others=404),
    "POST /runs/{run}/cancel": Rule(RUNNER, 202, path(run=World.waiting), others=404),
    "POST /runs/{run}/retry": Rule(RUNNER, 202, body({"step": "a"}, run=World.finished), others=404),
    "POST /runs/{run}/edit": Rule(
        RUNNER, 202, body({"edits": [{"step": "a", "port": "output", "value": "HI"}]}, run=World.finished), others=404
    ),
    "DELETE /runs/{run}": Rule(RUNNER, 204, RUN, others=404),
    "PATCH /runs/{run}/notes": Rule(RUNNER, 200, body({"title": "Harbour"}, run=World.finished), others=404),
    "PUT /runs/{run}/pin": Rule(RUNNER, 204, RUN, others=404),
    "DELETE /runs/{run}/pin": Rule(RUNNER, 204, RUN, others=404),
    "POST /runs/{run}/share": Rule(RUNNER, 201, body({}, run=World.finished), others=404),
    # Batches and bundles.
    "POST /batches": Rule(
        RUNNER,
        202,
        lambda world, owner: {"json": {"pipeline": world.pipeline(owner), "items": [{"text": "hello"}]}},
        404,
    ),
    "GET /batches": Rule(VIEWER, 200, plain),
    "GET /batches/{batch}": Rule(VIEWER, 200, path(batch=World.batch), others=404),
    "GET /batches/{batch}/outputs": Rule(VIEWER, 200, path(batch=World.batch), others=404),
    "POST /batches/{batch}/cancel": Rule(RUNNER, 202, path(batch=World.batch), others=404),
    "GET /runs/{run}/bundle": Rule(VIEWER, 200, RUN, others=404),
    "POST /bundles": Rule(RUNNER, 201, _bundle),
    "POST /bundles/{sha256}/replay": Rule(AUTHOR, 202, path(sha256=lambda w, owner: w.bundle(owner)[0]), others=404),
    "GET /bundles/{sha256}/replays/{run}": Rule(VIEWER, 200, _replay, others=404),
    # Pipelines: those that are published are for all to see and to run, and for their owner to change.
    "GET /pipelines": Rule(VIEWER, 200, plain),
    "POST /pipelines": Rule(AUTHOR, 201, lambda world, _: {"json": DOCUMENT | {"id": f"pipeline-{world.number()}"}}),
    "POST /pipelines/check": Rule(VIEWER, 200, body(DOCUMENT)),
    "POST /pipelines/yaml": Rule(VIEWER, 200, body(DOCUMENT)),
    "POST /pipelines/wires": Rule(VIEWER, 200, body(DOCUMENT)),
    "POST /pipelines/import": Rule(
        AUTHOR, 201, lambda world, _: {"json": DOCUMENT | {"id": f"pipeline-{world.number()}"}}
    ),
    "GET /pipelines/{slug}/export": Rule(VIEWER, 200, path(**MINE), others=404),
    "POST /mcp": Rule(RUNNER, 200, body({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})),
    "GET /pipelines/{slug}": Rule(VIEWER, 200, path(**MINE), others=404),
    "PUT /pipelines/{slug}": Rule(AUTHOR, 200, _put, others=404),
    "DELETE /pipelines/{slug}": Rule(AUTHOR, 204, path(**MINE), others=404),
    "POST /pipelines/{slug}/fork": Rule(
        AUTHOR,
        201,
        lambda world, owner: {"path": {"slug": world.pipeline(owner)}, "json": {"id": f"f{world.number()}"}},
        404,
    ),
    "POST /pipelines/{slug}/publish": Rule(AUTHOR, 200, body({}, **MINE), others=404),
    "POST /pipelines/{slug}/unpublish": Rule(AUTHOR, 200, path(**PUBLISHED), others=403),
    "GET /pipelines/{slug}/versions": Rule(VIEWER, 200, path(**MINE), others=404),
    "GET /pipelines/{slug}/versions/{number}": Rule(VIEWER, 200, path(**MINE, number=lambda *_: 1), others=404),
    "GET /pipelines/{slug}/diff": Rule(VIEWER, 200, path(**MINE), others=404),
    "POST /pipelines/{slug}/rollback": Rule(AUTHOR, 200, body({"version": 1}, **MINE), others=404),
    "POST /pipelines/{slug}/pin": Rule(AUTHOR, 200, path(**MINE), others=404),
    "GET /pipelines/{slug}/upgrade": Rule(VIEWER, 200, path(**MINE), others=404),
    "POST /pipelines/{slug}/upgrade": Rule(AUTHOR, 200, path(**MINE), others=404),
    "POST /pipelines/{slug}/run": Rule(RUNNER, 202, body({"text": "hello"}, **MINE), others=404),
    "GET /pipelines/{slug}/openapi.json": Rule(VIEWER, 200, path(**MINE), others=404),
    "GET /pipelines/{slug}/docs": Rule(VIEWER, 200, path(**MINE), others=404),
    "GET /pipelines/{slug}/snippets": Rule(VIEWER, 200, path(**MINE), others=404),
    "GET /pipelines/{slug}/use": Rule(VIEWER, 200, path(**MINE), others=404),
    # Services, for all to see and to run.
    "GET /popularity": Rule(VIEWER, 200, plain),
    "GET /examples": Rule(VIEWER, 200, plain),
    "GET /examples/{name}": Rule(VIEWER, 200, path(name=lambda *_: "song.opus")),
    "GET /services": Rule(VIEWER, 200, plain),
    "GET /services/{slug}": Rule(VIEWER, 200, path(slug=lambda *_: "shout")),
    "GET /services/{slug}/openapi.json": Rule(VIEWER, 200, path(slug=lambda *_: "shout")),
    "GET /services/{slug}/picture": Rule(VIEWER, 200, path(slug=lambda *_: "art-generator")),
    "GET /services/{slug}/snippets": Rule(VIEWER, 200, path(slug=lambda *_: "shout")),
    # Trained models: everybody sees them, operators decide.
    "GET /models": Rule(VIEWER, 200, plain),
    "GET /models/{model}": Rule(VIEWER, 200, MODEL),
    "GET /models/{model}/versions/{number}": Rule(VIEWER, 200, path(model=World.model, number=lambda *_: 1)),
    "GET /models/{model}/history": Rule(VIEWER, 200, MODEL),
    "GET /models/{model}/drift": Rule(VIEWER, 200, MODEL),
    "GET /models/{model}/diff": Rule(VIEWER, 200, lambda world, owner: MODEL(world, owner) | {"params": PAIR}),
    "GET /models/{model}/gate": Rule(
        VIEWER, 200, lambda world, owner: MODEL(world, owner) | {"params": {"version": 1}}
    ),
    "POST /models/{model}/promote": Rule(OPERATOR, 200, body({}, model=World.model)),
    "POST /models/{model}/rollback": Rule(OPERATOR, 200, body({}, model=World.promoted)),
    "GET /sentences/{language}": Rule(VIEWER, 200, lambda *_: {"path": {"language": "fr"}}),
    "GET /tags": Rule(VIEWER, 200, plain),
    "POST /services/{slug}/call": Rule(RUNNER, 202, body({"text": "hello"}, slug=lambda *_: "shout")),
    # Services of other servers: everybody sees them, who announced one may change it.
    "POST /core-engine/services": Rule(AUTHOR, 200, _announce),
    "GET /core-engine/services": Rule(VIEWER, 200, plain),
    "GET /core-engine/services/slug/{slug}": Rule(VIEWER, 200, path(slug=lambda world, owner: world.service(owner)[0])),
    "GET /core-engine/services/{service_id}": Rule(VIEWER, 200, SERVICE),
    "PATCH /core-engine/services/{service_id}": Rule(
        AUTHOR, 200, lambda world, owner: SERVICE(world, owner) | {"json": {"status": "sleeping"}}, 403
    ),
    "DELETE /core-engine/services/{service_id}": Rule(AUTHOR, 204, SERVICE, others=403),
    "POST /core-engine/services/{name}/ping": Rule(
        AUTHOR, 200, path(name=lambda world, owner: world.service(owner)[0]), others=403
    ),
    # The same engine's pipelines, tasks and executions.
    "GET /core-engine/pipelines": Rule(VIEWER, 200, plain),
    "POST /core-engine/pipelines": Rule(AUTHOR, 200, lambda world, _: {"json": _foreign(f"pipeline-{world.number()}")}),
    "POST /core-engine/pipeline/check": Rule(VIEWER, 200, body(_foreign("new"))),
    "GET /core-engine/pipelines/slug/{slug}": Rule(VIEWER, 200, path(**MINE), others=404),
    "GET /core-engine/pipelines/{pipeline_id}": Rule(VIEWER, 200, FOREIGN, others=404),
    "PATCH /core-engine/pipelines/{pipeline_id}": Rule(
        AUTHOR, 200, lambda world, owner: FOREIGN(world, owner) | {"json": {"name": "Another"}}, 404
    ),
    "DELETE /core-engine/pipelines/{pipeline_id}": Rule(AUTHOR, 204, FOREIGN, others=404),
    "GET /core-engine/pipeline-steps": Rule(VIEWER, 200, plain),
    "GET /core-engine/pipeline-steps/{step_id}": Rule(
        VIEWER, 200, path(step_id=lambda world, owner: identified("step", world.pipeline(owner), "a")), others=404
    ),
    "POST /core-engine/{slug}": Rule(
        RUNNER, 200, lambda *_: {"path": {"slug": "shout"}, "files": {"text": ("a.txt", b"hello", "text/plain")}}
    ),
    "GET /core-engine/pipeline-executions": Rule(VIEWER, 200, plain),
    "GET /core-engine/pipeline-executions/{execution_id}": Rule(VIEWER, 200, path(execution_id=World.execution), 404),
    "DELETE /core-engine/pipeline-executions/{execution_id}": Rule(
        RUNNER, 204, path(execution_id=World.execution), others=404
    ),
    "GET /core-engine/tasks": Rule(VIEWER, 200, plain),
    "GET /core-engine/tasks/{task_id}": Rule(VIEWER, 200, TASK_OF, others=404),
    "GET /core-engine/tasks/{task_id}/status": Rule(VIEWER, 200, TASK_OF, others=404),
    "DELETE /core-engine/tasks/{task_id}": Rule(RUNNER, 204, TASK_OF, others=404),
    "GET /core-engine/stats": Rule(VIEWER, 200, plain),
    "SOCKET /core-engine/ws": Rule(VIEWER, 101, plain),
    # The storage of that engine knows no owners: its keys cannot be guessed.
    "POST /core-engine/storage": Rule(RUNNER, 200, lambda *_: FILE),
    "GET /core-engine/storage/{key}": Rule(VIEWER, 200, STORED),
    "DELETE /core-engine/storage/{key}": Rule(RUNNER, 204, STORED),
}

PUBLIC = [
    f"GET /pipelines/{{slug}}{more}"
    for more in ("", "/versions", "/export", "/openapi.json", "/docs", "/snippets", "/use")
]
"""What others see of a pipeline once it is published."""
