"""The threat model says what is: its tables are the models', each test and model that it names exists, each
attack is told whole.
"""

from __future__ import annotations

import re

import pytest

from tests.model.declared import MODELS, models
from tests.model.table import limits, rows

ROOT = MODELS.parents[1]
TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
ATTACKS = re.findall(
    r"^\*\*.+?(?=^\*\*|^## )", TEXT[TEXT.index("## 3.") : TEXT.index("## 11.")] + "## ", re.M | re.S
)
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^ *(?:async )?def (test_\w+)\(", path.read_text("utf-8"), re.M)
}


def _title(attack: str) -> str:
    return " ".join(attack.split())[:50].strip("* ")


def _missing_tests(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text)) - DEFINED


def _missing_models(text: str) -> set[str]:
    named = re.findall(r"models? ((?:`[\w-]+`(?:, )?)+)", text)
    return {name for names in named for name in re.findall(r"`([\w-]+)`", names)} - {
        one.name for one in models()
    }


def test_the_table_says_what_the_models_declare() -> None:
    assert [line for line in TEXT.splitlines() if line.startswith("|")] == rows()


def test_the_attacks_that_models_find_are_admitted() -> None:
    told = TEXT[TEXT.index("**Attacks that the models find**") :].split("\n- ")[1:]
    assert [" ".join(item.split()) for item in told] == [f"{where}: {what}." for where, what in limits()]


@pytest.mark.parametrize("attack", ATTACKS, ids=_title)
def test_an_attack_says_what_holds_what_remains_and_what_keeps_it(attack: str) -> None:
    assert attack.count("- *Holds:* ") == attack.count("- *Remains:* ") == 1
    refused = "refuses to serve" in attack
    assert attack.count("- *Kept by:* ") == (0 if refused else 1)
    assert refused or re.search(r"`test_\w+`|models? `", attack)


def test_each_test_and_model_that_is_named_exists() -> None:
    assert _missing_tests(TEXT) == set()
    assert _missing_models(" ".join(TEXT.split())) == set()


def test_a_name_of_nothing_is_seen() -> None:
    assert _missing_tests("`test_that_nobody_wrote`") == {"test_that_nobody_wrote"}
    assert _missing_models("models `eligibility`, `magic`") == {"magic"}


def test_each_model_is_named_by_an_attack() -> None:
    told = " ".join(ATTACKS)
    assert [one.name for one in models() if f"`{one.name}`" not in told] == []
