"""Pipelines as tools of agents: an MCP server in which each published pipeline is a typed tool.

It speaks streamable HTTP at `/mcp` and holds no sessions, so any process of the server can answer. Whoever asks is
who asks any other route, by the same key: the tools are those that they may run, the runs are theirs.
"""

import asyncio
import base64
import re
from typing import Any, cast

import mcp_types as mcp
from fastapi import FastAPI, Request
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.concurrency import run_in_threadpool

from halles import __version__
from halles.api import calling
from halles.api.calling import Called
from halles.api.endpoint import describe
from halles.api.openapi import inputs_schema, outputs_schema
from halles.main import Market
from halles.model import (
    Artifact,
    CallFailed,
    PipelineVersion,
    Principal,
    Problem,
    Problems,
    Run,
    RunFinished,
    Status,
    event_adapter,
    say,
)

PAGE = 50
"""Tools of a page."""
ROOM = 700_000
"""Characters of a message for content, since clients take messages up to 1 MiB. What does not fit is linked."""
INSTRUCTIONS = """\
Each tool is a pipeline of AI services. A file is given as {"artifact": "<sha256>"} of an upload or of an output of \
another tool, as {"url": "https://…"}, or as {"base64": "…"} when it is small. Runs may take minutes; they report \
their progress. An output that is large comes as a link, which can be read as a resource.
"""

Context = ServerRequestContext[Any, Request]


def manager(app: FastAPI) -> StreamableHTTPSessionManager:
    """Speaks MCP about the pipelines of an application, while its `run()` is entered."""
    agents = _Agents(app)
    server: Server[Any] = Server(
        "halles", version=__version__, title="Halles", instructions=INSTRUCTIONS, on_list_tools=agents.tools,
        on_call_tool=agents.call, on_list_resources=agents.resources, on_read_resource=agents.read,
        get_tool_input_schema=lambda _: None,  # Nothing of a call travels in headers.
    )  # fmt: skip
    limit = app.state.settings.max_body_bytes
    return StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=limit)


class _Agents:
    """What agents ask for."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._market = cast("Market", app.state.market)

    async def tools(self, context: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
        """The published pipelines, by page."""
        who, after = _asker(context), (params and params.cursor) or ""

        def page() -> tuple[list[mcp.Tool], str | None]:
            found = self._market.library.search(who, published=True, after=after, limit=PAGE + 1)
            tools = [_tool(self._market, each.slug, who) for each in found[:PAGE]]
            return tools, found[PAGE - 1].slug if len(found) > PAGE else None

        tools, following = await run_in_threadpool(page)
        return mcp.ListToolsResult(tools=tools, next_cursor=following)

    async def call(self, context: Context, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        """Run a pipeline. What is wrong with the inputs, or went wrong, is a result that says so: the agent can act."""
        who = _asker(context)
        try:
            version = await run_in_threadpool(self._published, params.name, who)
            pairs = list((params.arguments or {}).items())
            order = await calling.begin(self._market, who, version, pairs)
            run = await self._follow(context, order.run)
            if run.status is not Status.finished:
                return _failed(calling.failure(run))
            called = await run_in_threadpool(calling.given, self._market, run)
            return await run_in_threadpool(_result, self._market, called, str(context_url(context)))
        except Problems as found:
            return _failed(list(found.problems))
        except CallFailed as failure:
            return _failed([failure.problem])

    def _published(self, slug: str, who: Principal) -> PipelineVersion:
        entry = self._market.library.get(slug, who)
        if entry.published is None:
            message = say("There is no pipeline `{slug}` that is published.", slug=slug)
            raise Problems([Problem(code="unknown-pipeline", message=message)])
        return self._market.library.version(slug, entry.published, who)

    async def resources(self, context: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListResourcesResult:
        """The newest uploads of who asks, which can be given to tools."""
        held = await run_in_threadpool(lambda: self._market.holdings.list(_asker(context).id, limit=PAGE))
        url = context_url(context)
        return mcp.ListResourcesResult(resources=[_link(mcp.Resource, each.artifact, each.name, url) for each in held])

    async def read(self, context: Context, params: mcp.ReadResourceRequestParams) -> mcp.ReadResourceResult:
        """The content behind a link, if it is not too large for a message."""
        try:
            artifact = await run_in_threadpool(self._linked, str(params.uri), _asker(context))
            content = await run_in_threadpool(self._market.objects.read, artifact)
        except Problems as found:
            raise MCPError(mcp.INVALID_PARAMS, str(found)) from found
        except CallFailed as failure:
            raise MCPError(mcp.INVALID_PARAMS, failure.problem.message) from failure
        return mcp.ReadResourceResult(contents=[_contents(artifact, content, str(params.uri))])

    def _linked(self, uri: str, who: Principal) -> Artifact:
        match = re.search(r"/artifacts/([0-9a-f]{64})(\?|$)", uri)
        if match is None:
            message = say("`{uri}` is no resource of this server; one ends with `/artifacts/<sha256>`.", uri=uri)
            raise Problems([Problem(code="unknown-artifact", message=message)])
        artifact = self._market.held(match[1], who).artifact
        if artifact.size > ROOM:
            message = say(
                "The content has {size:,} bytes, too many for a message. Get it over HTTP: {uri}",
                size=artifact.size,
                uri=uri,
            )
            raise Problems([Problem(code="too-large", message=message)])
        return artifact

    async def _follow(self, context: Context, name: str) -> Run:
        """Report the progress of a run until it has ended. When the agent gives up, the run is stopped."""
        run = await run_in_threadpool(self._market.ledger.load, name)
        assert run is not None  # noqa: S101 - accepted a moment ago.
        try:
            async for line in self._app.state.feed.watch(name, run.seq):
                if line is not None:
                    event = event_adapter.validate_json(line.body)
                    run.apply(event)
                    await context.session.report_progress(*_progress(run))
                    if isinstance(event, RunFinished):
                        return run
        except asyncio.CancelledError:
            self._market.ledger.request_cancel(name)
            raise
        message = say(
            "The server is being stopped. The run `{name}` goes on; its outputs are at `/runs/{name}`.", name=name
        )
        raise Problems([Problem(code="stopping", message=message)])


def context_url(context: Context) -> str:
    """The address at which the agent reached the server."""
    return str(context.request.base_url).rstrip("/") if context.request else ""


def _asker(context: Context) -> Principal:
    request = context.request
    if request is None or request.state.principal is None:
        raise MCPError(mcp.INVALID_REQUEST, "Nobody is signed in.")
    return cast("Principal", request.state.principal)


def _tool(market: Market, slug: str, who: Principal) -> mcp.Tool:
    endpoint = describe(market.library.called(slug, who))
    outputs = "; ".join(f"{slot.name}: {' or '.join(slot.media)}" for slot in endpoint.outputs)
    return mcp.Tool(
        name=slug,
        title=endpoint.title,
        description=f"{endpoint.description or endpoint.title}\n\nGives {outputs}.",
        input_schema=inputs_schema(endpoint),
        output_schema=outputs_schema(endpoint),
        annotations=mcp.ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False),
    )


def _progress(run: Run) -> tuple[float, float, str]:
    """How many steps are done, those that are under way in part; of how many; and what is done now."""
    states = run.steps.values()
    done = sum(1.0 if s.status.done else s.progress.fraction if s.progress else 0.0 for s in states)
    now = [s for s in states if s.status is Status.running]
    said = ", ".join(s.id + (f": {s.progress.message}" if s.progress and s.progress.message else "") for s in now)
    return done, float(len(run.steps)), said or run.status.value


def _failed(problems: list[Problem]) -> mcp.CallToolResult:
    content = [mcp.TextContent(text=str(problem)) for problem in problems]
    return mcp.CallToolResult(content=[*content], is_error=True)


def _result(market: Market, called: Called, url: str) -> mcp.CallToolResult:
    """The outputs as an agent can take them: those that fit as they are, each with a link to hand it on or keep it."""
    room, blocks = ROOM, list[mcp.ContentBlock]()
    structure = called.model_dump(mode="json", exclude_none=True)
    for name, output in called.outputs.items():
        several = output if isinstance(output, list) else [output]
        shown = structure["outputs"][name]
        for each, plain in zip(several, shown if isinstance(shown, list) else [shown], strict=True):
            artifact = Artifact(sha256=each.sha256, media_type=each.media_type, size=each.size)
            taken = artifact.size * (3 if "value" in plain else 4 / 3)  # A value is there twice; the rest is base64.
            if taken <= room:
                room -= int(taken)
                blocks.append(_block(market, name, artifact, url))
            else:
                plain.pop("value", None)
            blocks.append(_link(mcp.ResourceLink, artifact, each.name, url))
    return mcp.CallToolResult(content=blocks, structured_content=structure)


def _block(market: Market, name: str, artifact: Artifact, url: str) -> mcp.ContentBlock:
    content, kind = market.objects.read(artifact), artifact.media_type.partition(";")[0]
    data = base64.b64encode(content).decode()
    if kind.startswith("image/"):
        return mcp.ImageContent(data=data, mime_type=kind)
    if kind.startswith("audio/"):
        return mcp.AudioContent(data=data, mime_type=kind)
    if kind.startswith("text/") or kind == "application/json":
        return mcp.TextContent(text=f"{name}:\n{content.decode(errors='replace')}")
    return mcp.EmbeddedResource(resource=_contents(artifact, content, f"{url}/artifacts/{artifact.sha256}"))


def _contents(artifact: Artifact, content: bytes, uri: str) -> mcp.TextResourceContents | mcp.BlobResourceContents:
    kind = artifact.media_type.partition(";")[0]
    if kind.startswith("text/") or kind == "application/json":
        return mcp.TextResourceContents(uri=uri, mime_type=kind, text=content.decode(errors="replace"))
    return mcp.BlobResourceContents(uri=uri, mime_type=kind, blob=base64.b64encode(content).decode())


def _link(kind: Any, artifact: Artifact, name: str, url: str) -> Any:
    return kind(
        name=name or artifact.sha256[:12], uri=f"{url}/artifacts/{artifact.sha256}", size=artifact.size,
        mime_type=artifact.media_type.partition(";")[0], description=f'{{"artifact": "{artifact.sha256}"}}',
    )  # fmt: skip
