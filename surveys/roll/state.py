"""What a panel's registrar may do; one byte in the panel's row (docs/protocol.md 7.3)."""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """waiting → issuing → closed → destroyed, one way."""

    WAITING = b"w"
    ISSUING = b"i"
    CLOSED = b"c"
    DESTROYED = b"d"
