"""The mistakes: what may go wrong in a line of Python, each as the whole text of the module with that one
mistake.

Not touched, because no test should hold it: docstrings, annotations, decorators, `assert` and `strict=` (they
state what the lines above have proved), and the words of a refusal (`why=`, `where=` and plain texts in
`raise`), which tests of sentences hold elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_NAMES_ONLY = {"NewType", "TypeVar"}
_WORDS = {"why", "where", "strict"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: the line it stands on (from 1) and its text, the lines of its statement (a header only,
    where it has a body), what stood there, what stands there now, and the module.
    """

    line: int
    text: str
    statement: range
    before: str
    after: str
    source: str


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines. Each differs from the others."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    raw, found, tree = source.encode(), list[Mutant](), ast.parse(source)
    statements = [_lines(node) for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.ExceptHandler)]
    for node, text in _Finder().changes(tree):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        mutated = (raw[:begin] + text.encode() + raw[end:]).decode()
        before = raw[begin:end].decode()
        around = min((one for one in statements if node.lineno in one), key=len)
        told = (
            lines[node.lineno - 1].decode().strip(),
            around,
            " ".join(before.split()),
            " ".join(text.split()),
        )
        found.append(Mutant(node.lineno, *told, mutated))
    return sorted(found, key=lambda mutant: mutant.line)


def _lines(node: ast.stmt | ast.ExceptHandler) -> range:
    body = getattr(node, "body", None)
    last = max(body[0].lineno - 1, node.lineno) if body else node.end_lineno or node.lineno
    return range(node.lineno, last + 1)


_Change = tuple[ast.expr | ast.stmt, str]


class _Finder:
    """Walks a module and yields each node that may be replaced, with the text that takes its place."""

    def changes(self, tree: ast.AST) -> Iterator[_Change]:
        yield from self._below(tree, told=False)

    def _below(self, node: ast.AST, *, told: bool) -> Iterator[_Change]:
        """`told`: inside a `raise`, where plain texts are for people."""
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "type_comment"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._at(child, told=told or isinstance(node, ast.Raise))

    def _at(self, node: ast.AST, *, told: bool) -> Iterator[_Change]:
        if isinstance(node, ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom):
            return
        if isinstance(node, ast.keyword):
            if node.arg not in _WORDS:
                yield from self._at(node.value, told=told and node.arg != "check")
            return
        if _only_names(node):
            return
        if isinstance(node, ast.stmt):
            yield from _statement(node)
        if isinstance(node, ast.expr):
            yield from _expression(node, told=told)
        for test in _conditions(node):
            if not isinstance(test, ast.Compare | ast.Constant):
                yield test, f"(not ({ast.unparse(test)}))"
        yield from self._below(node, told=told)


def _only_names(node: ast.AST) -> bool:
    """What holds no behaviour: docstrings, slots, names of types, what only the type checker reads."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return any(isinstance(at, ast.Name) and at.id in {"__slots__", "__all__"} for at in node.targets)
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMES_ONLY


def _conditions(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        return [node.test]
    return node.ifs if isinstance(node, ast.comprehension) else []


def _statement(node: ast.stmt) -> Iterator[_Change]:
    if isinstance(node, ast.Raise | ast.AugAssign | ast.Delete) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Yield | ast.YieldFrom)
    ):
        yield node, "pass"
    if isinstance(node, ast.Break):
        yield node, "continue"
    if isinstance(node, ast.Continue):
        yield node, "break"
    if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        changed = ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)
        yield node, ast.unparse(changed)


def _expression(node: ast.expr, *, told: bool) -> Iterator[_Change]:
    changed: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            for other in _COMPARISONS[type(op)]:
                ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                changed.append(ast.Compare(node.left, ops, node.comparators))
    elif isinstance(node, ast.BoolOp):
        changed.append(ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values))
    elif isinstance(node, ast.UnaryOp):
        changed.append(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _is_a_type(node):
        changed.append(ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        changed.append(ast.Call(ast.Name(_CALLS[node.func.id]), node.args, _kept(node)))
    elif isinstance(node, ast.Constant):
        changed += [ast.Constant(value) for value in _other_values(node.value, told=told)]
    yield from ((node, f"({ast.unparse(each)})") for each in changed)


def _kept(call: ast.Call) -> list[ast.keyword]:
    """`sorted(…, key=…)` becomes `list(…)`, which takes no key."""
    return [] if isinstance(call.func, ast.Name) and call.func.id == "sorted" else call.keywords


def _is_a_type(node: ast.BinOp) -> bool:
    """`int | None`, as an alias or in isinstance."""
    return (
        isinstance(node.op, ast.BitOr) and isinstance(node.right, ast.Constant) and node.right.value is None
    )


def _other_values(value: object, *, told: bool) -> list[bool | int | str | bytes]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, bytes):
        return [value + b"!"]
    return [value + "!"] if isinstance(value, str) and not told else []
