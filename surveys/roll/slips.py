"""Slips are made: a code for each voter, and the key that follows from it (docs/protocol.md 6.1).

Where slips are printed this runs with the organizer or on the command line, and the server gets `entry`
alone. Danger: whoever has a code can take this voter's ballot paper. The code stands in the returned value
and nowhere else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from surveys.protocol.secret.slip_key import CODE_BYTES, slip_key
from surveys.roll.listing import Entry, Voter


@dataclass(frozen=True, slots=True)
class Slip:
    """One voter's slip; `code` is what is printed (10 bytes, written with `codes.write_code`)."""

    voter: Voter
    code: bytes = field(repr=False)
    key: bytes

    @property
    def entry(self) -> Entry:
        """The line of the roll: voter and public key, without the code."""
        return Entry(self.voter, self.key)


def make_slips(
    round_id: bytes, voters: Iterable[Voter], randbytes: Callable[[int], bytes] = secrets.token_bytes
) -> tuple[Slip, ...]:
    """A fresh slip for each voter, in their order. Stores nothing. Raises ValueError unless the survey id has
    16 bytes.
    """
    slips = []
    for voter in voters:
        code = randbytes(CODE_BYTES)
        slips.append(Slip(voter, code, slip_key(code, round_id).public))
    return tuple(slips)
