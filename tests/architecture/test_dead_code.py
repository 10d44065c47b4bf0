"""No function, method or class of the product is there that nothing calls."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest
from vulture import Vulture

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"function", "method", "class", "property"}
# What others call by name: a library asks for these, nothing of ours does.
ASKED = {
    "validate_*": "WTForms asks a form for these",
    "get_translations": "WTForms",
    "find_user": "Flask-Security's datastore",
    "find_role": "Flask-Security's datastore",
    "find_webauthn": "Flask-Security's datastore",
    "create_webauthn": "Flask-Security's datastore",
    "generate_qrcode": "Flask-Security's second factor",
    "list_commands": "click",
    "get_command": "click",
    "format_commands": "click",
    "_set_signal_handlers": "huey's consumer",
    "pre_validate": "WTForms' fields",
    "process_bind_param": "SQLAlchemy's columns",
    "process_result_value": "SQLAlchemy's columns",
    "send_static_file": "Flask",
    "to_url": "werkzeug's converters",
    "to_python": "werkzeug's converters",
    "_load_reverse_xref_cache": "pyHanko's comparison of revisions",
    "_get_usages_of_ref": "pyHanko's comparison of revisions",
    "integrity": "templates ask the bundles for it",
    "__call__": "what is handed in is called without its name",
}


def _asked(name: str) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in ASKED)


def _unused(*more: Path) -> set[str]:
    """`file:name` of what is defined in the product and named nowhere in product, tests, benchmarks or
    templates.
    """
    finder = Vulture(ignore_decorators=["@*"])
    finder.scavenge(
        [str(ROOT / part) for part in ("app.py", "surveys", "tests", "benchmarks")] + list(map(str, more))
    )
    words = " ".join(path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html"))
    return {
        f"{Path(item.filename).name}:{item.name}"
        for item in finder.get_unused_code(min_confidence=60)
        if item.typ in KINDS
        and ("surveys" in Path(item.filename).parts or Path(item.filename) in more)
        and not _asked(item.name)
        and item.name not in words
    }


def test_nothing_is_there_that_nobody_calls() -> None:
    assert _unused() == set()


@pytest.mark.parametrize("line", ["def left_behind() -> None: ...", "class LeftBehind: ..."])
def test_what_nobody_calls_is_seen(line: str, tmp_path: Path) -> None:
    added = tmp_path / "added.py"
    added.write_text(line)
    assert any(name.startswith("added.py:") for name in _unused(added))
