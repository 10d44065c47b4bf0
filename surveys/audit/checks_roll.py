"""Checks 6.3 to 7.2: who could vote and which papers were issued (docs/protocol.md §6, §7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from surveys.audit.case import Case
from surveys.audit.members import steady
from surveys.audit.sharing import PublicWork, shared_out
from surveys.protocol import token
from surveys.protocol.errors import Inconsistent
from surveys.protocol.issuance import Issuances, IssueRequest, check_requests, read_issuance
from surveys.protocol.roll_list import decode_roll

Placed = Sequence[tuple[str, IssueRequest]]
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
    decoded = read_issuance(steady(case.bundle, "issuance.json"))
    if len(decoded.counts) != len(case.definition.panels):
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
    whole, done = sum(case.issuance.counts), 0
    here = case.workforce
    for count in shared_out(here.helpers, here.jobs, CheckRequests(manifest_hash), _slices(case.issuance)):
        done += count
        case.workforce.progress("7.2", done, whole)


def _slices(issued: Issuances) -> Iterator[Placed]:
    placed = (
        (f"issuance.panels[{p}][{i}]", request)
        for p, records in enumerate(issued.each_panel())
        for i, request in enumerate(records)
    )
    while part := list(islice(placed, SLICE)):
        yield part


@dataclass(frozen=True, slots=True)
class CheckRequests(PublicWork[Placed, int]):
    """7.2 of some published requests; says how many they are."""

    manifest_hash: bytes

    def __call__(self, piece: Placed) -> int:
        check_requests(piece, self.manifest_hash)
        return len(piece)
