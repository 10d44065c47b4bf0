"""The plan file: which atoms will be opened (docs/protocol.md §11). How atoms are chosen lives in
`surveys.rules.atoms`.

Danger: a second plan over the same board, subtracted from the first, opens smaller groups; a trustee signs
one only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.manifest import MAX_PANELS, Definition
from surveys.protocol.transcript import digest

PLAN_FORMAT = "tin-nhiem/plan/2"


@dataclass(frozen=True)
class Plan:
    """For each contest its atoms (ascending panel indices), or None where the result is withheld."""

    manifest: bytes
    board: bytes
    size: int
    k: int
    contests: tuple[tuple[tuple[int, ...], ...] | None, ...]

    def encode(self) -> bytes:
        """Canonical bytes of the plan file."""
        return canonical.encode(
            {
                "format": PLAN_FORMAT,
                "manifest": self.manifest.hex(),
                "board": self.board.hex(),
                "size": self.size,
                "k": self.k,
                "contests": [
                    None if atoms is None else [list(panels) for panels in atoms] for atoms in self.contests
                ],
            }
        )

    @cached_property
    def digest(self) -> bytes:
        """P, 32 bytes."""
        return digest("plan", self.encode())

    def atoms(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(contest, panels) of every atom, in the order of the sums (12.1)."""
        for contest, atoms in enumerate(self.contests):
            for panels in atoms or ():
                yield contest, panels

    def check_atoms(self, definition: Definition, ballots: Sequence[int]) -> None:
        """11.2: of each contest disjoint, complete, each of at least k ballots. `ballots` counts by panel.

        Raises Inconsistent naming contest and atom.
        """
        if len(self.contests) != len(definition.contests):
            raise Inconsistent(check="11.2", where="plan.contests", why="not one entry for each contest")
        # What is opened of a person: each panel that returned something → the panels that were opened with
        # it.
        together: dict[tuple[str, int], frozenset[int]] = {}
        for c, (contest, atoms) in enumerate(zip(definition.contests, self.contests, strict=True)):
            if atoms is None:
                continue
            seen: set[int] = set()
            for i, panels in enumerate(atoms):
                where = f"plan.contests[{c}][{i}]"
                if not seen.isdisjoint(panels) or len(set(panels)) != len(panels):
                    raise Inconsistent(check="11.2", where=where, why="overlaps another atom")
                seen.update(panels)
                if not seen.issubset(contest.panels):
                    raise Inconsistent(check="11.2", where=where, why="has a panel outside the electorate")
                if sum(ballots[p] for p in panels) < definition.k:
                    raise Inconsistent(
                        check="11.2", where=where, why=f"holds fewer than {definition.k} ballots"
                    )
                voted = frozenset(p for p in panels if ballots[p])
                if any(together.setdefault((contest.person, p), voted) != voted for p in voted):
                    raise Inconsistent(
                        check="11.2", where=where, why="cut otherwise than in another contest on the person"
                    )
            if seen != set(contest.panels):
                raise Inconsistent(check="11.2", where=f"plan.contests[{c}]", why="leaves out a panel")


def decode_plan(raw: bytes) -> Plan:
    """Parse strictly. Raises Malformed(check="11.1")."""
    fields = Fields(canonical.decode(raw, check="11.1", where="plan"), check="11.1", where="plan")
    if fields.text("format", 100) != PLAN_FORMAT:
        raise Malformed(check="11.1", where="plan.format", why=f"not {PLAN_FORMAT}")
    plan = Plan(
        manifest=fields.hex("manifest", 32),
        board=fields.hex("board", 32),
        size=fields.integer("size", 0, 2**31 - 1),
        k=fields.integer("k", 3, 1000),
        contests=tuple(
            None if atoms is None else _atoms(atoms, c)
            for c, atoms in enumerate(fields.list("contests", MAX_PANELS))
        ),
    )
    fields.done()
    return plan


def _atoms(atoms: object, contest: int) -> tuple[tuple[int, ...], ...]:
    if not isinstance(atoms, list):
        raise Malformed(
            check="11.1", where=f"plan.contests[{contest}]", why="neither null nor a list of atoms"
        )
    return tuple(_atom(panels, contest) for panels in atoms)


def _atom(panels: object, contest: int) -> tuple[int, ...]:
    where = f"plan.contests[{contest}]"
    if not isinstance(panels, list) or not panels:
        raise Malformed(check="11.1", where=where, why="an atom is not a list of panels")
    for panel in panels:
        if isinstance(panel, bool) or not isinstance(panel, int) or not 0 <= panel < MAX_PANELS:
            raise Malformed(check="11.1", where=where, why="an atom holds what is not a panel index")
    return tuple(panels)
