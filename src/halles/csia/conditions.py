"""Step conditions: ours, in CEL, and those of the Swiss AI Center's engine, which are Python with a few operators of C.

That engine reads a condition as text: it puts values in the place of references to the step's own inputs, writes `not `
for each `!`, and evaluates what comes out. So nothing that we write has a `!`, not even in quotes, and `!=` cannot be
said. What has no equal in the other language is refused, not guessed.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from halles.model import say

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>\|\||&&|[=!<>]=|[<>!+\-()\[\],.?:]))"""
)
CONSTANTS = {"true": "True", "false": "False", "null": "None"}
RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "in")
METHODS = {"startsWith": "startswith", "endsWith": "endswith"}
OURS = {theirs: ours for ours, theirs in METHODS.items()}
SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "==",
    ast.IsNot: "!=",
}  # fmt: skip


class Untranslatable(Exception):
    """A condition that the other language has no words for; says which part."""


def to_python(source: str, reference: Callable[[str, str], str]) -> str:
    """A condition of ours in the words of that engine. `reference` names `step.port` there, or raises."""
    return _Reader(source, reference).whole()


def to_cel(source: str, references: Mapping[str, str]) -> str:
    """A condition of that engine in CEL. `references` are its names for values, each with ours: `step.port`."""
    text, names = source, {}
    for number, theirs in enumerate(sorted(references, key=len, reverse=True)):
        names[f"value_{number}"] = references[theirs]
        text = re.sub(rf"(?<![\w.-]){re.escape(theirs)}(?![\w-])", f"value_{number}", text)
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Untranslatable(say("it is no expression: {error}", error=getattr(error, "msg", error))) from error
    return _Writer(names).visit(tree.body)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


class _Reader:
    """Reads CEL and writes Python, one function a level of precedence."""

    def __init__(self, source: str, reference: Callable[[str, str], str]) -> None:
        self._tokens = list(_tokens(source))
        self._at = 0
        self._reference = reference

    def whole(self) -> str:
        """The whole condition."""
        found = self._choice()
        if self._next.kind != "end":
            raise Untranslatable(_unknown(self._next.text))
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *signs: str) -> str | None:
        if self._next.kind in ("sign", "name") and self._next.text in signs:
            self._at += 1
            return self._tokens[self._at - 1].text
        return None

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise Untranslatable(_missing(say("`{sign}`", sign=sign), self._next.text))

    def _choice(self) -> str:
        condition = self._either()
        if self._take("?") is None:
            return condition
        yes = self._either()
        self._expect(":")
        return f"({yes} if {condition} else {self._choice()})"

    def _either(self) -> str:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"

    def _both(self) -> str:
        parts = [self._relation()]
        while self._take("&&"):
            parts.append(self._relation())
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def _relation(self) -> str:
        left = self._sum()
        while sign := self._take(*RELATIONS):
            right = self._sum()
            left = f"(not ({left} == {right}))" if sign == "!=" else f"({left} {sign} {right})"
        return left

    def _sum(self) -> str:
        left = self._unary()
        while sign := self._take("+", "-"):
            left = f"({left} {sign} {self._unary()})"
        return left

    def _unary(self) -> str:
        if self._take("!"):
            return f"(not {self._unary()})"
        return f"(-{self._unary()})" if self._take("-") else self._member(self._primary())

    def _member(self, owner: str) -> str:
        while sign := self._take(".", "["):
            if sign == "[":
                owner = f"{owner}[{self._choice()}]"
                self._expect("]")
            else:
                name = self._name()
                owner = self._method(owner, name) if self._take("(") else f"{owner}[{_quoted(name)}]"
        return owner

    def _method(self, owner: str, name: str) -> str:
        arguments = self._arguments()
        if name == "size" and not arguments:
            return f"len({owner})"
        if name == "contains" and len(arguments) == 1:
            return f"({arguments[0]} in {owner})"
        if name in METHODS and len(arguments) == 1:
            return f"{owner}.{METHODS[name]}({arguments[0]})"
        raise Untranslatable(say("`{code}` has no equal there", code=f".{name}(…)"))

    def _arguments(self) -> list[str]:
        found: list[str] = []
        while self._take(")") is None:
            found.append(self._choice())
            if self._take(",") is None:
                self._expect(")")
                break
        return found

    def _primary(self) -> str:
        token = self._next
        self._at += 1
        match token.kind:
            case "number":
                return token.text
            case "text":
                return _quoted(ast.literal_eval(token.text))
            case "name":
                return self._named(token.text)
        if token.text == "(":
            inner = self._choice()
            self._expect(")")
            return f"({inner})"
        if token.text == "[":
            return f"[{', '.join(self._items())}]"
        raise Untranslatable(_unknown(token.text))

    def _items(self) -> Iterator[str]:
        while self._take("]") is None:
            yield self._choice()
            if self._take(",") is None:
                self._expect("]")
                return

    def _named(self, name: str) -> str:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if self._take("("):
            arguments = self._arguments()
            if name == "size" and len(arguments) == 1:
                return f"len({arguments[0]})"
            raise Untranslatable(say("`{code}` has no equal there", code=f"{name}(…)"))
        self._expect(".")
        return self._reference(name, self._name())

    def _name(self) -> str:
        if self._next.kind != "name":
            raise Untranslatable(_missing(say("a name"), self._next.text))
        self._at += 1
        return self._tokens[self._at - 1].text


def _unknown(text: str) -> str:
    return say("`{text}` is not understood", text=text) if text else say("it ends too early")


def _missing(what: str, text: str) -> str:
    if not text:
        return say("{what} is missing at its end", what=what)
    return say("{what} is missing before `{text}`", what=what, text=text)


def _tokens(source: str) -> Iterator[_Token]:
    at, end = 0, len(source.rstrip())
    while at < end:
        match = TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise Untranslatable(_unknown(source[at:].strip()[:20]))
        yield _Token(match.lastgroup, match[match.lastgroup])
        at = match.end()
    yield _Token("end", "")


def _quoted(text: str) -> str:
    """A text of Python in which that engine finds nothing to replace."""
    return repr(text).replace("!", r"\x21").replace("&&", r"\x26\x26").replace("||", r"\x7c\x7c")


class _Writer(ast.NodeVisitor):
    """Writes an expression of Python as CEL, one method a kind of expression."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> str:
        """The expression in CEL. Raises `Untranslatable`."""
        return str(super().visit(node))

    def generic_visit(self, node: ast.AST) -> str:
        """Whatever has no method of its own."""
        raise Untranslatable(say("`{code}` has no equal in CEL", code=ast.unparse(node)))

    def visit_Name(self, node: ast.Name) -> str:
        return self._names[node.id] if node.id in self._names else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> str:
        plain = node.value is None or isinstance(node.value, bool | int | float | str)
        return json.dumps(node.value, ensure_ascii=False) if plain else self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> str:
        sign = " && " if isinstance(node.op, ast.And) else " || "
        return f"({sign.join(map(self.visit, node.values))})"

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        sign = {ast.Not: "!", ast.USub: "-"}.get(type(node.op))
        return f"{sign}({self.visit(node.operand)})" if sign else self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> str:
        sign = {ast.Add: "+", ast.Sub: "-"}.get(type(node.op))
        return f"({self.visit(node.left)} {sign} {self.visit(node.right)})" if sign else self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> str:
        return f"{self.visit(node.value)}[{self.visit(node.slice)}]"

    def visit_List(self, node: ast.List | ast.Tuple) -> str:
        return f"[{', '.join(map(self.visit, node.elts))}]"

    visit_Tuple = visit_List

    def visit_IfExp(self, node: ast.IfExp) -> str:
        return f"({self.visit(node.test)} ? {self.visit(node.body)} : {self.visit(node.orelse)})"

    def visit_Call(self, node: ast.Call) -> str:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[argument], keywords=[]):
                return f"size({self.visit(argument)})"
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[argument], keywords=[]) if name in OURS:
                return f"{self.visit(owner)}.{OURS[name]}({self.visit(argument)})"
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> str:
        values = [node.left, *node.comparators]
        pairs = zip(values, node.ops, values[1:], strict=False)
        found = [self._compared(left, operator, right) for left, operator, right in pairs]
        return found[0] if len(found) == 1 else f"({' && '.join(found)})"

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
        one, other = self.visit(left), self.visit(right)
        if not isinstance(operator, ast.In | ast.NotIn):
            return f"{one} {SIGNS[type(operator)]} {other}"
        # A whole value that is asked so is a text; CEL asks that the other way round.
        whole = f"{other}.contains({one})" if isinstance(right, ast.Name) else f"{one} in {other}"
        return whole if isinstance(operator, ast.In) else f"!({whole})"
