"""The page about the endpoint of one pipeline. It needs no script, and nothing from elsewhere."""

from html import escape

from halles.api.endpoint import Endpoint, Slot
from halles.api.snippets import Snippets

HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
:root { color-scheme: light dark }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top }
tr { border-bottom: 1px solid #8884 }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem }
pre { padding: 1rem; overflow-x: auto; background: #8882; border-radius: .4rem }
"""


def show(endpoint: Endpoint, snippets: Snippets) -> str:
    """The page, as HTML. Every text of others is escaped."""
    codes = {"Shell": snippets.curl, "Python": snippets.python, "TypeScript": snippets.typescript}
    parts = [
        f"<h1>{escape(endpoint.title)}</h1><p>{escape(endpoint.description)}</p>",
        f"<p><code>POST {escape(endpoint.path)}</code> · version {endpoint.version} · "
        '<a href="openapi.json">OpenAPI</a></p>',
        _table("Inputs", [_row(slot) for slot in endpoint.inputs]),
        _table("Outputs", [_row(slot) for slot in endpoint.outputs]),
        _table("Parameters", [(p.name, _kind(p.schema_), p.schema_.get("description", "")) for p in endpoint.params]),
        *(f"<h2>{name}</h2><pre><code>{escape(code)}</code></pre>" for name, code in codes.items()),
    ]
    head = f'<meta charset="utf-8"><title>{escape(endpoint.title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _row(slot: Slot) -> tuple[str, str, str]:
    kind = f"{'list of ' if slot.many else ''}{' or '.join(slot.media)}{', may lack' if slot.optional else ''}"
    return slot.name, kind, slot.description


def _kind(schema: dict[str, object]) -> str:
    kind = schema.get("type") or " or ".join(str(each) for each in schema.get("enum", []))  # type: ignore[attr-defined]
    default = f", {schema['default']!r} unless set" if "default" in schema else ""
    return f"{kind or 'any'}{default}"


def _table(title: str, rows: list[tuple[str, str, str]]) -> str:
    body = "".join(
        f"<tr><td><code>{escape(a)}</code></td><td>{escape(b)}</td><td>{escape(c)}</td></tr>" for a, b, c in rows
    )
    return f"<h2>{title}</h2><table>{body}</table>" if rows else ""
