"""What a look-up tells before the box is sealed (docs/protocol.md 15.5): whoever has a tracker learns yes or
no, nobody else anything.

Danger: a list of trackers, or of anything that two answers have in common, would show to everybody which
ballot came when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from surveys.protocol.errors import Malformed
from surveys.protocol.transcript import digest

SALT_BYTES = 16
ENTRY_BYTES = 8
MOST_IN_A_BUCKET = 1000
ENTRIES = 1500
ALL = "all"


def digits_of_a_prefix(voters: int) -> int:
    """d: so many hex digits of a tracker name its bucket; 0 where all trackers are one."""
    digits = 0
    while voters > MOST_IN_A_BUCKET << 4 * digits:
        digits += 1
    return digits


def entries_of(voters: int) -> int:
    """E: how many entries each answer has."""
    return voters if digits_of_a_prefix(voters) == 0 else ENTRIES


def prefix_of(tracker: bytes, voters: int) -> str:
    """What is asked for, to find this tracker."""
    return tracker.hex()[: digits_of_a_prefix(voters)] or ALL


def look_up_entry(salt: bytes, tracker: bytes) -> bytes:
    """The entry under this salt of a ballot that is in the box."""
    return digest("look-up", salt, tracker)[:ENTRY_BYTES]


@dataclass(frozen=True, slots=True)
class Veiled:
    """The answer: entries of ballots among random ones, in ascending order."""

    salt: bytes
    entries: tuple[bytes, ...]

    def holds(self, tracker: bytes) -> bool:
        """Whether the tracker's ballot is in the box."""
        return look_up_entry(self.salt, tracker) in self.entries


def veil(trackers: Iterable[bytes], salt: bytes, rest: Iterable[bytes]) -> Veiled:
    """The trackers of a bucket under the salt, among these random entries."""
    return Veiled(salt, tuple(sorted([*(look_up_entry(salt, tracker) for tracker in trackers), *rest])))


def unveil(salt: bytes, entries: bytes, voters: int) -> Veiled:
    """Read an answer strictly. Raises Malformed(check="15.5")."""
    if len(salt) != SALT_BYTES:
        raise Malformed(check="15.5", where="salt", why="is not 16 bytes")
    if len(entries) != entries_of(voters) * ENTRY_BYTES:
        raise Malformed(check="15.5", where="entries", why=f"are not {entries_of(voters)}")
    cut = tuple(entries[at : at + ENTRY_BYTES] for at in range(0, len(entries), ENTRY_BYTES))
    if list(cut) != sorted(cut):
        raise Malformed(check="15.5", where="entries", why="are not ascending")
    return Veiled(salt, cut)
