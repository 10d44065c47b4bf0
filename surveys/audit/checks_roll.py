"""Checks 6.3 to 7.2: who could vote and which papers were issued (docs/protocol.md §6, §7)."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.audit.case import Case
from surveys.audit.sharing import in_threads
from surveys.protocol import token
from surveys.protocol.errors import Inconsistent
from surveys.protocol.issuance import IssueRequest, check_requests, decode_issuance
from surveys.protocol.roll_list import decode_roll

SLICE = 1024
"""Requests whose signatures are checked together."""


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


def blinded(case: Case) -> None:
    """7.3."""
    _ = case.token_keys
    panels = case.definition.panels
    moduli = [token.decode_key(panel.token_key).public_numbers().n for panel in panels]
    case.issuance.check_blinded(moduli)


def requests(case: Case) -> None:
    """7.2."""
    manifest_hash = case.manifest.hash
    placed = [
        (f"issuance.panels[{p}][{i}]", request)
        for p, records in enumerate(case.issuance.panels)
        for i, request in enumerate(records)
    ]
    slices = [placed[start : start + SLICE] for start in range(0, len(placed), SLICE)]
    done = 0
    for count in in_threads(case.workforce.jobs, lambda each: _check(each, manifest_hash), slices):
        done += count
        case.workforce.progress("7.2", done, len(placed))


def _check(placed: Sequence[tuple[str, IssueRequest]], manifest_hash: bytes) -> int:
    check_requests(placed, manifest_hash)
    return len(placed)
