"""The members of a bundle as checks read them: out of a zip, or as a server hands them over before there is
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Protocol

from surveys.protocol.errors import Inconsistent, Missing
from surveys.protocol.pieces import Pieces

Content = bytes | Pieces
"""The bytes of a member, or what gives them piece by piece."""


def pieces_of(content: Content) -> Iterable[bytes]:
    """Its bytes in pieces."""
    return (content,) if isinstance(content, bytes) else content()


def whole(content: Content) -> bytes:
    """Its bytes in one."""
    return b"".join(pieces_of(content))


class Members(Protocol):
    """Members by name."""

    def __getitem__(self, name: str) -> bytes:
        """The member's bytes. Raises Rejected (14.1)."""

    def pieces(self, name: str) -> Iterable[bytes]:
        """The same, piece by piece."""

    def digest(self, name: str) -> bytes:
        """SHA-256 of a member."""


def steady(members: Members, name: str) -> Pieces:
    """The pieces of a member that several checks go through: whatever one of them has found must be true of
    what the next one reads. Whoever reads to the end and finds other bytes than before gets Rejected (14.1).
    """
    known: list[bytes] = []

    def read() -> Iterator[bytes]:
        hashed = sha256()
        for piece in members.pieces(name):
            hashed.update(piece)
            yield piece
        known.append(hashed.digest())
        if known[-1] != known[0]:
            raise Inconsistent(check="14.1", where=name, why="changed while it was read")

    return read


class HeldMembers:
    """Members that were handed over."""

    def __init__(self, members: Mapping[str, Content]) -> None:
        self._members = members

    def __getitem__(self, name: str) -> bytes:
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterable[bytes]:
        """The member's bytes, piece by piece. Raises Missing(check="14.1")."""
        if name not in self._members:
            raise Missing(check="14.1", where=name, why="was not handed over")
        return pieces_of(self._members[name])

    def digest(self, name: str) -> bytes:
        """SHA-256 of a member."""
        hashed = sha256()
        for piece in self.pieces(name):
            hashed.update(piece)
        return hashed.digest()
