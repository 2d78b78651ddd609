"""Small faults as somebody might make them in an edit: each replaces one piece of the source and nothing around it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
"""Operator -> its pattern in the source, and what it becomes."""
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: (r"\*\*", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
GENERIC = {"dict", "list", "set", "tuple", "frozenset", "type", "defaultdict"}
WITHOUT_MEANING = {"dataclass", "lru_cache", "TypeVar", "getLogger", "assert_never", "AssertionError"}
"""Calls that no caller hears: shapes of classes, sizes of caches, places that are never reached."""


@dataclass(frozen=True)
class Fault:
    """A piece of a file, in bytes from `start` to `end`, and what stands there instead. `line` counts from 1."""

    path: str
    kind: str
    start: int
    end: int
    before: str
    after: str
    line: int
    source_line: str

    @property
    def change(self) -> str:
        """The change on one line."""
        return " -> ".join(" ".join(text.split()) or "nothing" for text in (self.before, self.after))

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from others wherever its line stands: file, line and change."""
        return self.path, self.source_line, self.change

    def planted(self, source: bytes) -> bytes:
        """The source of its file with the fault in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def faults_of(root: Path, places: Iterable[str]) -> list[Fault]:
    """Every fault of the Python files at some places, each a file or a folder below the root."""
    files = [path for place in places for path in sorted([root / place, *(root / place).rglob("*.py")])]
    found = (
        fault
        for path in files
        if path.is_file()
        for fault in faults_in(path.relative_to(root).as_posix(), path.read_bytes())
    )
    return list(dict.fromkeys(found))


def drawn(root: Path, faults: Sequence[Fault], random: Random) -> Iterator[Fault]:
    """The faults in random order, each kind as often as any other while it lasts.

    Those that leave no Python, or the same program, are passed over.
    """
    by_kind = defaultdict[str, list[Fault]](list)
    for fault in faults:
        by_kind[fault.kind].append(fault)
    queues = [by_kind[kind] for kind in sorted(by_kind)]
    for queue in queues:
        random.shuffle(queue)
    while queues := [queue for queue in queues if queue]:
        for queue in queues:
            while queue:
                if _is_another_program(root, fault := queue.pop()):
                    yield fault
                    break


def _is_another_program(root: Path, fault: Fault) -> bool:
    source = (root / fault.path).read_bytes()
    try:
        planted = ast.parse(fault.planted(source))
    except SyntaxError:
        return False
    return ast.dump(planted) != ast.dump(ast.parse(source))


def faults_in(path: str, source: bytes) -> Iterator[Fault]:
    """Every fault of one file, in the order of its nodes."""
    return _Finder(path, source).of(ast.parse(source))


class _Finder:
    def __init__(self, path: str, source: bytes) -> None:
        self._path, self._source = path, source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.AST) -> Iterator[Fault]:
        """The faults of a node and of all below it."""
        if _has_no_meaning(node):
            return
        yield from self._here(node)
        for child in _below(node):
            # Where this Python does not know the place of what stands in an f-string, it is left alone.
            if not isinstance(node, ast.FormattedValue) or self._is_at_its_place(child):
                yield from self.of(child)

    def _here(self, node: ast.AST) -> Iterator[Fault]:
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                for operator, (before, after) in zip(ops, pairwise([left, *others]), strict=True):
                    yield from self._operator("comparison", before, after, *COMPARISONS[type(operator)])
            case ast.BoolOp(op=connective, values=values):
                words = ("and", "or") if isinstance(connective, ast.And) else ("or", "and")
                for before, after in pairwise(values):
                    yield from self._operator("and, or", before, after, *words)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC and not _is_type(node):
                if not (_is_text(left) or _is_text(right)):  # with texts it would fail at once
                    yield from self._operator("arithmetic", left, right, *ARITHMETIC[type(sign)])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self._instead("not", node, self._text(operand))
            case ast.Constant(value=bool() as value):
                yield self._instead("True, False", node, str(not value))
            case ast.Constant(value=int() | float() as value):
                yield self._instead("number", node, str(value + 1))
                yield self._instead("number", node, str(value - 1))
            case ast.Constant(value=str() | bytes() as value) if value:
                yield self._instead("text", node, '""' if isinstance(value, str) else 'b""')
            case ast.JoinedStr():
                yield self._instead("text", node, '""')
            case ast.Return(value=ast.expr() as value) if not _is_none(value):
                yield self._instead("return", value, "None")
            case ast.Dict() | ast.List(ctx=ast.Load()) | ast.Set() | ast.Tuple(ctx=ast.Load()):
                yield from self._elements(node)
            case ast.Call():
                yield from self._arguments(node)
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield self._negated(test)
            case ast.comprehension(ifs=ifs):
                yield from map(self._negated, ifs)
            case ast.match_case(guard=ast.expr() as guard):
                yield self._negated(guard)
            case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign() | ast.Raise():
                yield self._instead("statement", node, "pass")
            case ast.Continue() | ast.Break():
                yield self._instead("statement", node, "pass")
            case ast.Slice(lower=lower, upper=upper):
                yield from (self._instead("slice", bound, "") for bound in (lower, upper) if bound)

    def _negated(self, condition: ast.expr) -> Fault:
        return self._instead("condition", condition, f"not ({self._text(condition)})")

    def _operator(self, kind: str, before: ast.expr, after: ast.expr, pattern: str, other: str) -> Iterator[Fault]:
        begin, end = self._span(before)[1], self._span(after)[0]
        between = self._source[begin:end].decode()
        if found := re.search(pattern if pattern[-1] in "=<>+*/%-|&" else rf"\b{pattern}\b", between):
            start = begin + len(between[: found.start()].encode())
            yield self._fault(kind, start, start + len(found[0].encode()), other)

    def _elements(self, node: ast.Dict | ast.List | ast.Set | ast.Tuple) -> Iterator[Fault]:
        if isinstance(node, ast.Dict):
            spans = [
                (self._span(key)[0] if key else self._span(value)[0] - len("**"), self._span(value)[1])
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        else:
            spans = [self._span(element) for element in node.elts]
        if isinstance(node, ast.Tuple) and len(spans) == 2:  # (a, b): of a tuple of one the comma stays
            for kept in spans:
                yield self._fault("element", spans[0][0], spans[1][1], self._source[slice(*kept)].decode() + ",")
        elif isinstance(node, ast.Tuple) and len(spans) == 1:
            yield self._instead("element", node, "()")
        else:
            yield from self._each_left_out("element", spans)

    def _arguments(self, call: ast.Call) -> Iterator[Fault]:
        if _name(call.func) == "log" or (isinstance(call.func, ast.Attribute) and _name(call.func.value) == "log"):
            return
        for one, other in pairwise(call.args):
            (start, middle), (next_start, end) = self._span(one), self._span(other)
            between = self._source[middle:next_start].decode()
            yield self._fault("arguments swapped", start, end, self._text(other) + between + self._text(one))
        arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        spans = sorted(map(self._span, arguments))
        kept = {self._span(argument) for argument in arguments if _has_no_meaning(argument)}
        yield from self._each_left_out("argument", spans, kept)

    def _each_left_out(
        self, kind: str, spans: Sequence[tuple[int, int]], kept: Collection[tuple[int, int]] = ()
    ) -> Iterator[Fault]:
        for number, (start, end) in enumerate(spans):
            if (start, end) in kept:
                continue
            if number + 1 < len(spans):
                yield self._fault(kind, start, spans[number + 1][0], "")
            else:
                yield self._fault(kind, spans[number - 1][1] if number else start, end, "")

    def _instead(self, kind: str, node: ast.expr | ast.stmt, after: str) -> Fault:
        return self._fault(kind, *self._span(node), after)

    def _fault(self, kind: str, start: int, end: int, after: str) -> Fault:
        line = self._source.count(b"\n", 0, start) + 1
        before = self._source[start:end].decode()
        return Fault(self._path, kind, start, end, before, after, line, self._lines[line - 1].decode().strip())

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.expr) -> str:
        return self._source[slice(*self._span(node))].decode()

    def _is_at_its_place(self, node: ast.AST) -> bool:
        try:
            return isinstance(node, ast.expr) and ast.dump(ast.parse(self._text(node), mode="eval").body) == ast.dump(
                node
            )
        except (SyntaxError, UnicodeDecodeError):
            return False


def _has_no_meaning(node: ast.AST) -> bool:
    """Whether nothing below a node changes what the program does."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()) | ast.FunctionDef(name="__repr__"):
            return True
        case ast.FunctionDef(decorator_list=decorators):
            return any(_name(decorator) == "overload" for decorator in decorators)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.keyword(arg="repr" | "init"):
            return True
        case ast.Expr(value=value) | ast.Raise(exc=value):
            return isinstance(value, ast.Call) and _name(value.func) in {"assert_never", "AssertionError"}
        case ast.Call(func=called):
            return _name(called) in WITHOUT_MEANING
        case _:
            return False


def _below(node: ast.AST) -> Iterator[ast.AST]:
    """What stands below a node and is no type; of types only the calls, such as `Field(ge=10)`."""
    match node:
        case ast.FunctionDef():
            yield from (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults), *node.body)
        case ast.Lambda():
            yield from (*node.args.defaults, *filter(None, node.args.kw_defaults), node.body)
        case ast.ClassDef():
            yield from (*node.decorator_list, *node.body)
        case ast.AnnAssign():
            yield from _calls(node.annotation)
            if node.value:
                yield node.value
        case ast.Subscript() | ast.BinOp() if _is_type(node):
            yield from _calls(node)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            pass
        case ast.FormattedValue():
            yield node.value
        case ast.JoinedStr(values=values):
            yield from (part for part in values if isinstance(part, ast.FormattedValue))
        case _:
            yield from ast.iter_child_nodes(node)


def _calls(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _calls(child)


def _is_type(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(value=value):
            return _is_type(value) or _name(value) in GENERIC
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _is_type(left) or _is_type(right)
        case ast.Name() | ast.Attribute():
            name = _name(node)
            return name[:1].isupper() and not name.isupper()
        case _:
            return False


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=called):
            return _name(called)
        case _:
            return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
