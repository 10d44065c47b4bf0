"""Checks 6.3 to 7.2: who could vote and which papers were issued (docs/protocol.md §6, §7)."""

from __future__ import annotations

from surveys.audit.case import Case
from surveys.protocol import token
from surveys.protocol.errors import Inconsistent
from surveys.protocol.issuance import check_request, decode_issuance
from surveys.protocol.roll_list import decode_roll


def roll(case: Case) -> None:
    """6.3."""
    definition = case.definition
    decoded = decode_roll(case.bundle["roll.json"])
    if len(decoded.panels) != len(definition.panels):
        raise Inconsistent(check="6.3", where="roll.panels", why="not one list for each panel")
    case.roll = decoded
    decoded.check(definition)


def replaced(case: Case) -> None:
    """6.4."""
    case.roll.check_replaced()


def token_keys(case: Case) -> None:
    """7.1."""
    for p, panel in enumerate(case.definition.panels):
        token.decode_key(panel.token_key, where=f"manifest.definition.panels[{p}].token_key")
    case.token_keys = True


def issuance(case: Case) -> None:
    """7.5."""
    frozen = case.roll
    decoded = decode_issuance(case.bundle["issuance.json"])
    if len(decoded.panels) != len(case.definition.panels):
        raise Inconsistent(check="7.5", where="issuance.panels", why="not one list for each panel")
    case.issuance = decoded
    decoded.check_against(frozen)


def requests(case: Case) -> None:
    """7.2."""
    manifest_hash, panels = case.manifest.hash, case.issuance.panels
    total, done = sum(map(len, panels)), 0
    for p, records in enumerate(panels):
        for i, request in enumerate(records):
            check_request(request, manifest_hash, where=f"issuance.panels[{p}][{i}]")
        done += len(records)
        case.workforce.progress("7.2", done, total)
