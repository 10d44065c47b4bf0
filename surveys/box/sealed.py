"""The papers of a box when it is sealed (docs/protocol.md 10.1): that each is what its head says, and all of
them afterwards, a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from surveys.box import models
from surveys.box.errors import BoxDamaged
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES
from surveys.protocol.transcript import digest
from surveys.stores.engines import reading

AT_ONCE = 256
"""Ballots that are read at once."""


@dataclass(frozen=True, slots=True)
class SealedBallots:
    """The ballots of a sealed box in the order of the board, read from it anew each time they are gone
    through. A sealed box never changes, so they are the same each time.
    """

    engine: Engine

    def __len__(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(models.paper)).scalar_one()

    def __iter__(self) -> Iterator[bytes]:
        paper, last = models.paper.c, 0
        while True:
            few = select(paper.slot, paper.ballot).where(paper.slot > last).order_by(paper.slot)
            with reading(self.engine) as connection:
                rows = connection.execute(few.limit(AT_ONCE)).all()
            for row in rows:
                yield row.ballot
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].slot


def checked_paper(source: Connection, head: Row[Any, Any] | Row[*tuple[Any, ...]]) -> bytes:
    """The paper of a head. Raises BoxDamaged where it does not hash to the digest beside it."""
    raw: bytes | None = source.scalar(select(models.paper.c.ballot).where(models.paper.c.slot == head.slot))
    if raw is None or len(raw) < HEADER + TOKEN_BYTES + SIGNATURE_BYTES:
        raise BoxDamaged("a slot has no paper")
    if digest("ballot/digest", raw[: -TOKEN_BYTES - SIGNATURE_BYTES]) != head.digest:
        raise BoxDamaged("a ballot does not hash to the digest beside it")
    return raw
