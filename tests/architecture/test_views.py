"""A view is a function of its module, registered by a table: who looks for the page of an address finds it by
its name.
"""

from __future__ import annotations

import ast
from pathlib import Path

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
VERBS = {"get", "post", "page", "open"}


def registers(call: ast.expr) -> bool:
    """Whether this is what a door or a table makes of an address: `door.get("/")`, waiting for its view."""
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in VERBS


def hidden(text: str) -> list[str]:
    """The views that stand inside another function: decorated there, or handed over by name."""
    found = []
    for outer in ast.walk(ast.parse(text)):
        if not isinstance(outer, ast.FunctionDef):
            continue
        inside = [each for each in ast.walk(outer) if isinstance(each, ast.FunctionDef) and each is not outer]
        handed = {
            given.id
            for each in ast.walk(outer)
            if isinstance(each, ast.Call) and registers(each.func)
            for given in each.args
            if isinstance(given, ast.Name)
        }
        found += [
            each.name for each in inside if each.name in handed or any(map(registers, each.decorator_list))
        ]
    return found


def test_views_are_functions_of_their_module() -> None:
    found = {
        path.relative_to(SURVEYS).as_posix()
        for path in SURVEYS.rglob("pages/*.py")
        if hidden(path.read_text("utf-8"))
    }
    assert found == set()


def test_a_hidden_view_is_seen() -> None:
    assert hidden("def door(x):\n @door.get('/')\n def one(): ...") == ["one"]
    assert hidden("def door(x):\n def one(): ...\n door.post('/')(one)") == ["one"]
    assert hidden("def door(x):\n door.post('/')(named('one', partial(one, x)))") == []
    assert hidden("@PAGES.get('/')\ndef one(): ...") == []
