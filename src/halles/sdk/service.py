"""A service is a typed function or class; ports, schema, form and documentation come from its signature."""

import ast
import hashlib
import inspect
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from pydantic import ValidationError

from halles.model import Retry, ServiceSpec, WeightsRef, say
from halles.sdk.context import Context, InputRefused
from halles.sdk.languages import FOLDER
from halles.sdk.ports import Signature, explain, read_signature
from halles.sdk.trained import Release, Trained
from halles.sdk.values import File

if TYPE_CHECKING:
    from halles.weights import Recipe


Watcher = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], None]
"""Is shown the inputs, parameters and outputs of each call, and must not hold it up."""

Observer = Callable[[Mapping[str, str | float]], None]
"""Is told what a call observed once it has ended well, and raises nothing."""


class Service:
    """A service on the shelf: its specification, and the way to run it in this process."""

    def __init__(self, target: Callable[..., Any], slug: str, **manners: Any) -> None:
        self.target = target
        self.slug = slug
        self.recipes: tuple[Recipe, ...] = tuple(manners.pop("weights", ()))
        self.trained: Trained | None = manners.pop("model", None)
        self.release = self.trained.built_in if self.trained else None
        self.watcher: Watcher | None = None
        self.observer: Observer | None = None
        self._manners = manners
        self._instance: Callable[..., Any] | None = None
        self._lock = threading.Lock()

    @property
    def release_name(self) -> str:
        """The version of its model that it is used with; empty when it has none."""
        return self.release.name if self.release else ""

    def released(self, release: Release) -> "Service":
        """The same service with another version of its model, beside this one."""
        other = Service(self.target, self.slug, weights=self.recipes, model=self.trained, **self._manners)
        other.release = release
        return other

    @cached_property
    def signature(self) -> Signature:
        """The ports and parameters, read once."""
        return read_signature(entry(self.target))

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        """What stands on a port that is not wired."""
        known = inspect.signature(entry(self.target)).parameters
        defaults = {name: known[name].default for name in self.signature.inputs}
        return {name: None if default is inspect.Parameter.empty else default for name, default in defaults.items()}

    @property
    def folder(self) -> Path | None:
        """Where its module lies."""
        file = getattr(sys.modules.get(self.target.__module__), "__file__", None)
        return Path(file).parent if file else None

    @cached_property
    def spec(self) -> ServiceSpec:
        """What the engine and the catalogue need to know."""
        summary, _, description = inspect.cleandoc(self.target.__doc__ or "").partition("\n")
        params = self.signature.params.model_json_schema()
        return ServiceSpec(
            slug=self.slug,
            summary=summary,
            description=description.strip(),
            inputs=tuple(port.spec for port in self.signature.inputs.values()),
            outputs=tuple(port.spec for port in self.signature.outputs.values()),
            params={key: value for key, value in params.items() if key != "title"},
            weights=(*map(reference, self.recipes), *((self.release.reference,) if self.release else ())),
            code=fingerprint(self.target),
            **self._manners,
        )

    def setup(self, context: Context) -> Callable[..., Any]:
        """The callable behind the service; a class is made once a process, with its models loaded."""
        if entry(self.target) is self.target:
            return self.target
        with self._lock:
            if self._instance is None:
                takes_context = len(inspect.signature(self.target).parameters) > 0
                given = (context.using(self.release),) if takes_context else ()
                self._instance = entry(self.target(*given))
            return self._instance

    def warm(self, context: Context) -> bool:
        """Be ready for the next call. A class may say how with `warm`, a typical call; gives whether it did."""
        warm = getattr(getattr(self.setup(context), "__self__", None), "warm", None)
        if warm is not None:
            warm()
        return warm is not None

    def run(self, inputs: Mapping[str, Any], params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Run on Python values; the outputs by port."""
        try:
            checked = self.signature.params.model_validate(dict(params))
        except ValidationError as error:
            raise InputRefused(
                say("Parameters of `{slug}`: {faults:; }.", slug=self.slug, faults=explain(error))
            ) from error
        given = {name: inputs.get(name, default) for name, default in self._defaults.items()}
        context = context.using(self.release)
        injected = {self.signature.context: context} if self.signature.context else {}
        keywords = {name: getattr(checked, name) for name in type(checked).model_fields}
        result = self.setup(context)(**given, **keywords, **injected)
        outputs = {"output": result} if self.signature.single else dict(result._asdict())
        if self.watcher is not None:
            self.watcher(inputs, params, outputs)
        if self.observer is not None and context.observed:
            self.observer(context.observed)
        return outputs

    def call(
        self, inputs: Mapping[str, Sequence[File]], params: Mapping[str, Any], context: Context
    ) -> dict[str, list[File]]:
        """Run on files, as runners do: decode, run, encode. An output that is None is left out.

        Raises `TypeError` for a None that the signature did not announce: what is wired to it waits for a value.
        """
        sockets = self.signature.inputs
        values = {name: sockets[name].decode(list(files)) for name, files in inputs.items()}
        outputs = self.run(values, params, context)
        ports = self.signature.outputs
        if missing := [name for name, value in outputs.items() if value is None and not ports[name].spec.optional]:
            raise TypeError(
                say(
                    "`{slug}` gave nothing on {missing:, }, which its signature promises.",
                    slug=self.slug,
                    missing=missing,
                )
            )
        return {name: ports[name].encode(value) for name, value in outputs.items() if value is not None}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A decorated function still is one."""
        return self.target(*args, **kwargs)


def service(
    slug: str,
    *,
    version: str,
    licence: str,
    name: str | None = None,
    tags: Sequence[str] = (),
    weights: Sequence["Recipe"] = (),
    model: Trained | None = None,
    timeout: float = 600.0,
    retry: Retry | None = None,
    cacheable: bool = True,
) -> Callable[[Callable[..., Any]], Service]:
    """Make a service of a typed function, or of a class with a typed `run` and an optional `__init__(context)`."""

    def decorate(target: Callable[..., Any]) -> Service:
        return Service(
            target,
            slug,
            version=version,
            licence=licence,
            name=name or slug.replace("-", " ").capitalize(),
            tags=tuple(tags),
            weights=tuple(weights),
            model=model,
            timeout=timeout,
            retry=retry or Retry(),
            cacheable=cacheable,
        )

    return decorate


def run_service(service: Service, *, context: Context | None = None, **values: Any) -> Any:
    """Run a service in this process without an engine: ports and parameters by name, the result as it returns it."""
    known = set(service.signature.inputs) | set(service.signature.params.model_fields)
    if unknown := sorted(set(values) - known):
        raise TypeError(f"`{service.slug}` has no {', '.join(unknown)}. It takes {', '.join(sorted(known))}.")
    inputs = {key: value for key, value in values.items() if key in service.signature.inputs}
    params = {key: value for key, value in values.items() if key not in inputs}
    needed = (name for name, socket in service.signature.inputs.items() if not socket.spec.optional)
    if missing := [name for name in needed if name not in inputs]:
        raise TypeError(f"`{service.slug}` needs {', '.join(missing)}.")
    outputs = service.run(inputs, params, context or Context())
    if service.signature.single:
        return outputs["output"]
    return get_type_hints(entry(service.target))["return"](**outputs)


def reference(recipe: "Recipe") -> WeightsRef:
    """How a specification names the weights of a recipe."""
    return WeightsRef(name=recipe.name, identity=recipe.identity, licence=recipe.licence, origin=recipe.origin)


def entry(target: Any) -> Callable[..., Any]:
    """What runs: the `run` of a class or its instance, or the function itself."""
    return cast("Callable[..., Any]", getattr(target, "run", target))


def fingerprint(target: Callable[..., Any]) -> str:
    """Hash of a service's own files and of those that they import from the same top package.

    A service in a `service.py` owns its whole folder, trained heads included; any other module owns the files beside
    it that share its name, such as `things.npy` beside `things.py`.
    It is part of the cache key, so that an edited service never answers with results of its former self.
    """
    module = sys.modules.get(target.__module__)
    path = Path(getattr(module, "__file__", None) or "")
    if not path.is_file():
        return ""
    depth = target.__module__.count(".") + (path.name == "__init__.py")
    top, base = target.__module__.partition(".")[0], path.parents[depth]
    seen: set[Path] = set()
    queue = [path]
    while queue:
        file = queue.pop()
        if file not in seen:
            seen.add(file)
            queue += [*_owned(file), *_imports(file, base, top)]
    whole = hashlib.sha256()
    for file in sorted(seen):
        whole.update(file.relative_to(base).as_posix().encode() + b"\0" + _hash(file, file.stat().st_mtime_ns))
    return whole.hexdigest()


NOT_CODE = frozenset({"__pycache__", FOLDER})
"""Folders of a service whose files change nothing of what it gives."""


def _owned(path: Path) -> list[Path]:
    """The files that belong to a module: read by it, edited with it."""
    if path.suffix != ".py":
        return []
    found = path.parent.rglob("*") if path.name == "service.py" else path.parent.glob(f"{path.stem}.*")
    return [file for file in found if file.is_file() and file.suffix != ".md" and file.parent.name not in NOT_CODE]


@lru_cache(maxsize=4096)
def _hash(file: Path, _changed: int) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def _imports(file: Path, base: Path, top: str) -> list[Path]:
    """The modules of the same top package that a file imports, at its top or inside a function."""
    if file.suffix != ".py":
        return []
    names = _imported(file, file.stat().st_mtime_ns, file.relative_to(base).parent.parts)
    paths = (base / name.replace(".", "/") for name in names if name.partition(".")[0] == top)
    return [source for path in paths for source in (path.with_suffix(".py"), path / "__init__.py") if source.is_file()]


@lru_cache(maxsize=4096)
def _imported(file: Path, _changed: int, package: tuple[str, ...]) -> list[str]:
    """The dotted names that a file of a package imports; what is imported from a module may be one itself."""
    try:
        tree = ast.parse(file.read_bytes())
    except SyntaxError:  # Nobody can import it.
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return names
