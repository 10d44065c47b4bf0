"""The frozen roll as it is published: slip public keys per panel and their root (docs/protocol.md 6.3).

It holds no person: which key is whose stands in no published file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.protocol import canonical, merkle
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.manifest import Definition

ROLL_FORMAT = "tin-nhiem/roll/1"


def roll_root(keys: Sequence[bytes]) -> bytes:
    """RFC 6962 head over the sorted keys, 32 bytes."""
    return merkle.root(sorted(keys))


@dataclass(frozen=True, slots=True)
class Roll:
    """For each panel of the definition its slip keys, sorted."""

    panels: tuple[tuple[bytes, ...], ...]

    def encode(self) -> bytes:
        """Canonical bytes of the roll file."""
        return canonical.encode(
            {"format": ROLL_FORMAT, "panels": [[key.hex() for key in keys] for keys in self.panels]}
        )

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
    roll = Roll(tuple(tuple(keys) for keys in fields.hex_lists("panels", 32)))
    fields.done()
    return roll
