"""Each check of docs/protocol.md 14.2 has a good and a bad vector, or a named place where whole bundles are
altered for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.vectors.reading import all_vectors

ROOT = Path(__file__).resolve().parents[2]
# These checks are about a whole bundle, its files against each other: they are tested by altering and forging
# bundles.
ELSEWHERE = {
    "14.1": "tests/audit/test_bundle.py",
    "10.1": "tests/audit/test_text_members.py",
    "10.5": "tests/attacks/test_forged_records.py",
    "13.1": "tests/audit/test_every_field.py",
    "13.2": "tests/audit/test_every_field.py",
    "13.3": "tests/audit/test_every_field.py",
    "13.4": "tests/audit/test_every_field.py",
    "13.5": "tests/audit/test_text_members.py",
}


def _checks() -> Iterator[str]:
    table = (ROOT / "docs/protocol.md").read_text("utf-8").partition("14.2.")[2]
    yield from re.findall(r"^\| (\d+\.\d+) \|", table, re.MULTILINE)


def test_every_check_of_the_verifier_has_a_good_and_a_bad_vector() -> None:
    checks = list(_checks())
    assert len(checks) == len(set(checks)) >= 36
    good = {vector.clause for vector in all_vectors() if vector.expect == "ok"}
    bad = {vector.check for vector in all_vectors() if vector.expect != "ok"}
    assert {check for check in checks if check not in good or check not in bad} == set(ELSEWHERE)


def test_what_stands_elsewhere_stands_there() -> None:
    for check, file in ELSEWHERE.items():
        assert f'"{check}"' in (ROOT / file).read_text("utf-8"), check


def test_every_error_name_occurs() -> None:
    """Fault is a hardware fault: no file can show it (test_blind_signatures.py does)."""
    names = {vector.expect for vector in all_vectors()}
    assert names == {
        "ok",
        "Rejected",
        "Malformed",
        "Inconsistent",
        "Missing",
        "Duplicate",
        "BadSignature",
        "BadProof",
    }
