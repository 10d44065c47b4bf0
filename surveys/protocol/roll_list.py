"""The frozen roll as it is published: slip public keys per panel and their root (docs/protocol.md 6.3, 6.4).

It holds no person: which key is whose stands in no published file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.protocol import canonical, merkle
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing
from surveys.protocol.manifest import Definition

ROLL_FORMAT = "tin-nhiem/roll/2"
MOST_PANELS = 100_000
MOST_REPLACED = 10_000_000


def roll_root(keys: Sequence[bytes]) -> bytes:
    """RFC 6962 head over the sorted keys, 32 bytes."""
    return merkle.root(sorted(keys))


@dataclass(frozen=True, slots=True)
class Replaced:
    """A slip that was lost: its frozen key, and the key of the slip that took its place (6.4)."""

    panel: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Roll:
    """For each panel of the definition its slip keys as they were frozen, sorted; and what was replaced
    since.
    """

    panels: tuple[tuple[bytes, ...], ...]
    replaced: tuple[Replaced, ...] = ()

    def encode(self) -> bytes:
        """Canonical bytes of the roll file."""
        return canonical.encode(
            {
                "format": ROLL_FORMAT,
                "panels": [[key.hex() for key in keys] for keys in self.panels],
                "replaced": [
                    {"panel": each.panel, "old": each.old.hex(), "new": each.new.hex()}
                    for each in self.replaced
                ],
            }
        )

    def current(self) -> list[set[bytes]]:
        """For each panel the keys to which papers may be issued (6.4)."""
        keys = [set(panel) for panel in self.panels]
        here = [each for each in self.replaced if each.panel < len(keys)]
        for each in here:
            keys[each.panel].discard(each.old)
        for each in here:
            keys[each.panel].add(each.new)
        return keys

    def check_replaced(self) -> None:
        """6.4: order, frozen keys replaced by new ones, each once. Raises Inconsistent or Missing."""
        frozen = [frozenset(keys) for keys in self.panels]
        everybody = frozenset().union(*frozen)
        seen: set[bytes] = set()
        for i, each in enumerate(self.replaced):
            where = f"roll.replaced[{i}]"
            before = self.replaced[i - 1]
            if i and (before.panel, before.old) >= (each.panel, each.old):
                raise Inconsistent(check="6.4", where=where, why="out of order or repeated")
            if each.panel >= len(frozen) or each.old not in frozen[each.panel]:
                raise Missing(check="6.4", where=f"{where}.old", why="not on the frozen roll of this panel")
            if each.new in everybody or each.new in seen:
                raise Inconsistent(check="6.4", where=f"{where}.new", why="not a new key")
            seen.add(each.new)

    def check(self, definition: Definition) -> None:
        """6.3: order, numbers and roots are those of the definition. Raises Inconsistent."""
        if len(self.panels) != len(definition.panels):
            raise Inconsistent(check="6.3", where="roll.panels", why="not one list for each panel")
        owners: set[bytes] = set()
        for p, (keys, panel) in enumerate(zip(self.panels, definition.panels, strict=True)):
            where = f"roll.panels[{p}]"
            for i, (a, b) in enumerate(pairwise(keys)):
                if a >= b:
                    raise Inconsistent(check="6.3", where=f"{where}[{i + 1}]", why="out of order or repeated")
            if len(keys) != panel.voters:
                raise Inconsistent(check="6.3", where=where, why=f"{len(keys)} keys, {panel.voters} voters")
            if roll_root(keys) != panel.roll:
                raise Inconsistent(check="6.3", where=where, why="not the frozen roll: the root differs")
            if not owners.isdisjoint(keys):
                raise Inconsistent(check="6.3", where=where, why="a key stands on another panel's roll too")
            owners.update(keys)


def decode_roll(raw: bytes) -> Roll:
    """Parse strictly (6.3). Raises Malformed."""
    fields = Fields(canonical.decode(raw, check="6.3", where="roll"), check="6.3", where="roll")
    if fields.text("format", 100) != ROLL_FORMAT:
        raise Malformed(check="6.3", where="roll.format", why=f"not {ROLL_FORMAT}")
    panels = tuple(tuple(keys) for keys in fields.hex_lists("panels", 32))
    roll = Roll(panels, tuple(_replaced(each) for each in fields.objects("replaced", MOST_REPLACED)))
    fields.done()
    return roll


def _replaced(fields: Fields) -> Replaced:
    read = Replaced(fields.integer("panel", 0, MOST_PANELS - 1), fields.hex("old", 32), fields.hex("new", 32))
    fields.done()
    return read
