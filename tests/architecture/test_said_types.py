"""What is handed on has a type that says what it is: `Any` stands nowhere but where this list says why,
neither in a signature nor in a field, an alias, or a name inside a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = Path(__file__).resolve().parents[2] / "surveys"
_WAITRESS = "waitress says no types"
_A_VIEW = "Flask's type of a view has neither the marks that doors put on it nor what the library returns"
# Where nothing better can be said, and why.
ALLOWED = {
    "accounts/pages/door.py add_template_globals.may_open.view": _A_VIEW,
    "accounts/pages/door.py to.parts": "url_for's own keywords stand beside those of the address",
    "accounts/pages/guessing.py limit_guessing.view": _A_VIEW,
    "accounts/pages/signing_in.py Given": "what Flask-Security hands its templates",
    "accounts/pages/signing_in.py _keep_setups.view": _A_VIEW,
    "accounts/pages/staying.py keep_sessions.login": "Flask-Login says no types",
    "accounts/totp.py _factory": "passlib says no types",
    "console/preparation/drafting.py Drafting.decide": "fields of the terms, as dataclasses.replace takes them",
    "console/preparation/pages/drafts.py _decided": "the same fields, on their way there",
    "console/preparation/pages/rules.py _complete": "a part of a rule that is half typed: any field may be wrong",
    "console/preparation/pages/rules.py _sketch.drawn": "a rule that is half typed; Preset.from_json judges it",
    "organisation/corrections.py _after.parts": "a part holds the records of its sheet, which is its key here",
    "organisation/corrections.py _organisation": "the same parts",
    "organisation/export.py _explain": "XlsxWriter says no types",
    "organisation/imports.py waiting_of.said": "what columns_of has written, sealed: five small values as they are",
    "organisation/pieces.py _changes.rows": "the fields of a record in their order; its class is found by the sheet",
    "organisation/words.py said": "a table of words of our own, which its tests hold together",
    "protocol/canonical.py _check_depth.level": "arrays and objects by their exact type, which mypy does not follow",
    "rounds/ledger.py _of": "a column of any type, as SQLAlchemy says it",
    "spreadsheets/tables.py _write": "XlsxWriter says no types",
    "stores/postgres.py _engine": "what create_engine takes for its pool",
    "stores/report_child.py _follow": "an object of a PDF may be of any of its kinds",
    "web/forms.py PickField.__init__": "what WTForms hands a field that it binds",
    "web/forms.py PickField.data": "WTForms says no types",
    "web/serving.py _drain": _WAITRESS,
    "web/serving.py _write_to_no_other_file": _WAITRESS,
    "web/serving.py _write_to_no_other_file.end": _WAITRESS,
    "web/serving.py _write_to_no_other_file.pull": _WAITRESS,
    "web/serving.py make_server": _WAITRESS,
    "web/serving.py make_server.Channel.__init__": _WAITRESS,
    "web/serving.py make_server.Channel.del_channel": _WAITRESS,
    "web/serving.py make_server.Channel.readable": _WAITRESS,
    "web/serving.py make_server.Channel.received": _WAITRESS,
    "web/serving.py make_server.Parser.adj": _WAITRESS,
    "web/serving.py make_server.sockets": _WAITRESS,
    "web/serving.py run": _WAITRESS,
    "web/tables.py PageTable.__init__.self._entries": "a door takes views that answer what it sends, each its own",
    "web/tables.py PageTable._enter": "the same views",
}


def untold(tree: ast.AST, outer: str = "") -> Iterator[str]:
    """The functions, methods, fields, aliases and names of a module that say Any, each with what it stands
    in.
    """
    for each in ast.iter_child_nodes(tree):
        if isinstance(each, ast.ClassDef):
            yield from untold(each, f"{outer}{each.name}.")
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            given = each.args
            asked = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            said = [each.returns, *(arg.annotation for arg in asked if arg is not None)]
            if any(_says_nothing(annotation) for annotation in said if annotation is not None):
                yield outer + each.name
            yield from untold(each, f"{outer}{each.name}.")
        else:
            if isinstance(each, ast.AnnAssign):
                alias = each.value is not None and ast.unparse(each.annotation) == "TypeAlias"
                if _says_nothing(each.annotation) or (alias and each.value and _says_nothing(each.value)):
                    yield outer + ast.unparse(each.target)
            elif isinstance(each, ast.Assign) and not isinstance(each.value, ast.Constant):
                yield from (outer + ast.unparse(name) for name in each.targets if _says_nothing(each.value))
            yield from untold(each, outer)


def _says_nothing(annotation: ast.expr) -> bool:
    """`Any` itself, or a mapping or sequence of it; a row of the store (`Row[Any]`) is SQLAlchemy's
    own word.
    """
    if isinstance(annotation, ast.Constant):
        return "Any" in str(annotation.value).replace("[", " ").replace("]", " ").replace(",", " ").split()
    if isinstance(annotation, ast.Subscript):
        return ast.unparse(annotation.value) != "Row" and _says_nothing(annotation.slice)
    if isinstance(annotation, ast.BinOp):
        return _says_nothing(annotation.left) or _says_nothing(annotation.right)
    if isinstance(annotation, ast.Tuple | ast.List):
        return any(_says_nothing(each) for each in annotation.elts)
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def test_any_stands_only_where_there_is_a_reason() -> None:
    found = {
        f"{path.relative_to(ROOMS)} {name}"
        for path in ROOMS.rglob("*.py")
        for name in untold(ast.parse(path.read_text("utf-8")))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "line",
    [
        "def ask(of: Any) -> int: ...",
        "def _ask(of: Any) -> int: ...",
        "def ask() -> dict[str, Any]: ...",
        "def ask(*, of: Mapping[str, Any] | None = None) -> int: ...",
        "def ask(**of: Any) -> int: ...",
        "class Told:\n    values: Sequence[dict[str, Any]]",
        "class _Told:\n    def _ask(self) -> Any: ...",
        "Row = dict[str, Any]",
        "Given: TypeAlias = Mapping[str, Any]",
        "def ask(of: 'Callable[[Any], None]') -> int: ...",
        "def ask() -> int:\n    if True:\n        read: dict[str, Any] = {}",
        "def ask() -> int:\n    def inner(of: Any) -> None: ...",
    ],
)
def test_the_twin_is_found(line: str) -> None:
    assert list(untold(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    ["def ask(of: Row[Any]) -> JsonObject: ...", "MOST = 3", "NAME = 'a text'", "def ask() -> object: ..."],
)
def test_what_says_something_is_left_alone(line: str) -> None:
    assert not list(untold(ast.parse(line)))
