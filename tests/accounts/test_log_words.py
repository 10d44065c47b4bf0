"""Every fact of the staff log has a name in words, in both languages: none is shown as the code names it."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.accounts.roles import Grant, Role
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.names import UnitCode
from tests.staff import said, staff_site

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / "templates" / "components" / "acts.html").read_text("utf-8")
NAMES = set(re.findall(r'^  "(\w+)": _\(', TEMPLATE, re.MULTILINE))
TOLD = set(re.findall(r'^  "(\w+\.\w+)": _\(', TEMPLATE, re.MULTILINE))
# What stands in an entry beside its facts.
OWN = {"unit", "round_id", "reason"}
# Told as a sentence for each of its values.
VALUED = {each.split(".")[0] for each in TOLD} - {each.value.split(".")[0] for each in Act}
WRITERS = {"acting", "_acting", "write"}
HELD = {"facts", "size"}


def facts_of_the_code() -> set[str]:
    """The names of facts: keywords where an act is written down, and keys of the mappings that are handed on
    there.
    """
    found: set[str] = set()
    for path in (ROOT / "surveys").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in WRITERS and any("Act." in ast.unparse(each) for each in node.args):
                    found |= {each.arg for each in node.keywords if each.arg}
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                named = {each.id for each in targets if isinstance(each, ast.Name)}
                if named & HELD and "Act." in path.read_text("utf-8"):
                    found |= {
                        key.value
                        for each in ast.walk(node)
                        if isinstance(each, ast.Dict)
                        for key in each.keys
                        if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    }
    return found - OWN


def test_the_code_names_facts() -> None:
    assert {"role", "file", "letters", "by", "purpose", "voters", "refusal"} <= facts_of_the_code()


@pytest.mark.parametrize("name", sorted(facts_of_the_code()))
def test_a_fact_has_its_words(name: str) -> None:
    assert name in NAMES | VALUED


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", "Người giám sát độc lập: toàn tổ chức; Người lãnh đạo: B"),
        ("en", "Auditor: whole organisation; Leader: B"),
    ],
)
def test_the_roles_of_a_token_are_words(tmp_path: Path, language: str, words: str) -> None:
    site = staff_site(tmp_path)
    staff = site.account("auditor", Grant(Role.AUDITOR, UnitCode("*")))
    log = StaffLog(site.stores.app, lambda: datetime.now(UTC))
    with log.acting(Actor.of(staff), Act.TOKEN_MADE, token="Báo cáo", days=7, roles="auditor *, leader B"):
        pass
    assert words in said(site.browser(staff).get(f"/{language}/log/"))
    site.stores.close()
