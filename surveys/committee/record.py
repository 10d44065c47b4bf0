"""The committee's public record: each trustee's message of each kind, once, for ever (docs/protocol.md 5.8,
12.6).
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from surveys.committee.errors import StaleMessage
from surveys.committee.models import messages
from surveys.names import RoundId


def keep(
    connection: Connection, round_id: RoundId, kind: str, attempt: int, trustee: int, payload: bytes
) -> bool:
    """Store a checked message. True if it is new; False if this very message is in already.

    Raises StaleMessage if the trustee has given another one. The caller's transaction decides about the
    commit.
    """
    held = connection.execute(
        select(messages.c.payload).where(
            messages.c.survey == round_id,
            messages.c.kind == kind,
            messages.c.attempt == attempt,
            messages.c.trustee == trustee,
        )
    ).scalar_one_or_none()
    if held is None:
        row = {"survey": round_id, "kind": kind, "attempt": attempt, "trustee": trustee, "payload": payload}
        connection.execute(insert(messages).values(**row))
        return True
    if held != payload:
        raise StaleMessage(kind, trustee)
    return False


def payloads(connection: Connection, round_id: RoundId, kind: str, attempt: int) -> dict[int, bytes]:
    """Trustee → message of this kind, in ascending order of trustees."""
    rows = connection.execute(
        select(messages.c.trustee, messages.c.payload)
        .where(messages.c.survey == round_id, messages.c.kind == kind, messages.c.attempt == attempt)
        .order_by(messages.c.trustee)
    )
    return {row.trustee: row.payload for row in rows}
