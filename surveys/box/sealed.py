"""A paper that is about to be sealed is what its head says it is (docs/protocol.md 10.1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from surveys.box import models
from surveys.box.errors import BoxDamaged
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES
from surveys.protocol.transcript import digest


def checked_paper(source: Connection, head: Row[Any, Any] | Row[*tuple[Any, ...]]) -> bytes:
    """The paper of a head. Raises BoxDamaged where it does not hash to the digest beside it."""
    raw: bytes | None = source.scalar(select(models.paper.c.ballot).where(models.paper.c.slot == head.slot))
    if raw is None or len(raw) < HEADER + TOKEN_BYTES + SIGNATURE_BYTES:
        raise BoxDamaged("a slot has no paper")
    if digest("ballot/digest", raw[: -TOKEN_BYTES - SIGNATURE_BYTES]) != head.digest:
        raise BoxDamaged("a ballot does not hash to the digest beside it")
    return raw
