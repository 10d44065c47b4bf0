"""No line that a reader must scroll sideways for: 110 characters in TypeScript, CSS and templates, and 400
lines a file; 110 characters in what Python says to its readers too.

Formatters break statements, but neither sentences nor comments, and nothing breaks a template's lines: that
they are broken is held here. Tables and texts in Python code may be wider (pyproject.toml, E501).
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_CHARACTERS, MOST_LINES = 110, 400
FILES = sorted(
    path
    for folder, pattern in (("client", "*.ts"), ("static/css", "*.css"), ("templates", "*.html"))
    for path in (ROOT / folder).rglob(pattern)
    if "node_modules" not in path.parts
)
PYTHON = sorted(
    path
    for folder in ("surveys", "tests", "benchmarks", "kernel", "client")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def too_long(text: str) -> list[str]:
    """The lines that are too long, and how many there are if they are too many."""
    lines = text.splitlines()
    found = [line for line in lines if len(line) > MOST_CHARACTERS]
    return [*found, f"{len(lines)} lines"] if len(lines) > MOST_LINES else found


def said_too_wide(source: str) -> list[str]:
    """The lines of docstrings, and the comments on a line of their own, that are too long."""
    lines = source.split("\n")
    docstrings = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
    }
    return [lines[n - 1] for n in sorted(docstrings | comments) if len(lines[n - 1]) > MOST_CHARACTERS]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_fits_a_window(path: Path) -> None:
    assert too_long(path.read_text("utf-8")) == []


def test_a_line_that_is_too_long_is_seen() -> None:
    assert too_long("ệ" * MOST_CHARACTERS) == []
    assert too_long("ệ" * (MOST_CHARACTERS + 1)) == ["ệ" * (MOST_CHARACTERS + 1)]
    assert too_long("x\n" * (MOST_LINES + 1)) == [f"{MOST_LINES + 1} lines"]


def test_what_python_says_to_its_readers_fits_a_window() -> None:
    found = {_name(path): said_too_wide(path.read_text("utf-8")) for path in [*PYTHON, ROOT / "app.py"]}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_docstring_or_a_comment_that_is_too_wide_is_seen() -> None:
    wide = "ệ" * MOST_CHARACTERS
    assert said_too_wide(f'"""{wide}"""\n') == [f'"""{wide}"""']
    assert said_too_wide(f"# {wide}\n") == [f"# {wide}"]
    assert said_too_wide(f'x = "{wide}"\n') == []
