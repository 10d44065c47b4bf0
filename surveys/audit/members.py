"""The members of a bundle as checks read them: out of a zip, or as a server hands them over before there is
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol

from surveys.protocol.errors import Missing


class Members(Protocol):
    """Members by name."""

    def __getitem__(self, name: str) -> bytes:
        """The member's bytes. Raises Rejected (14.1)."""

    def digest(self, name: str) -> bytes:
        """SHA-256 of a member."""


class HeldMembers:
    """Members in memory."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        self._members = members

    def __getitem__(self, name: str) -> bytes:
        if name not in self._members:
            raise Missing(check="14.1", where=name, why="was not handed over")
        return self._members[name]

    def digest(self, name: str) -> bytes:
        """SHA-256 of a member."""
        return sha256(self[name]).digest()
