"""Four eyes: what one person asks for, another one approves (docs/operations.md, "A round on the desk").

Danger: an approval by whoever asked is none; so the two are compared here, and what is approved is exactly
what was asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import Engine, delete, insert, select, update

from surveys.instants import Instant, instant_text, read_instant
from surveys.names import RoundId
from surveys.rounds.errors import NothingAsked, OwnApproval
from surveys.rounds.models import approvals
from surveys.rounds.stated import Polls
from surveys.stores.columns import key_number
from surveys.stores.store import Store

_PLACE = ("approvals", "asked")


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a second person: `by` is an account's id, `name` its holder's name."""

    act: Polls
    by: str
    name: str
    at: Instant
    until: Instant | None = None
    reason: str = ""


def ask(store: Store, round_id: RoundId, asked: Asked) -> None:
    """Let this wait for a second person, in place of what waited of the same kind. One transaction."""
    sealed = store.keyring.seal(*_PLACE, f"{round_id}/{asked.act}", _encoded(asked))
    with store.begin() as connection:
        connection.execute(
            delete(approvals).where(approvals.c.survey == round_id, approvals.c.act == asked.act)
        )
        connection.execute(
            insert(approvals).values(survey=round_id, act=asked.act, asked_by=asked.by, asked=sealed)
        )


def waiting(store: Store, round_id: RoundId) -> tuple[Asked, ...]:
    """Everything of this round that waits for a second person."""
    with store.reading() as connection:
        rows = connection.execute(
            select(approvals).where(approvals.c.survey == round_id).order_by(approvals.c.act)
        ).all()
    return tuple(
        _asked(json.loads(store.keyring.open(*_PLACE, f"{round_id}/{row.act}", row.asked))) for row in rows
    )


def approve(store: Store, round_id: RoundId, act: str, by: str) -> Asked:
    """What was asked, to be done now. Stores nothing. Raises NothingAsked, or OwnApproval for whoever
    asked.
    """
    asked = next((each for each in waiting(store, round_id) if each.act == act), None)
    if asked is None:
        raise NothingAsked(act)
    if asked.by == by:
        raise OwnApproval("the second person must be another one")
    return asked


def withdraw(engine: Engine, round_id: RoundId, act: str) -> None:
    """Nothing of this kind waits any more: it was done, or is not wanted. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(approvals).where(approvals.c.survey == round_id, approvals.c.act == act))


def reseal_approvals(store: Store) -> None:
    """Seal everything that waits with the ring's newest key; may be killed and run again."""
    with store.reading() as connection:
        rows = connection.execute(select(approvals)).all()
    for row in rows:
        if key_number(row.asked) != store.keyring.current:
            place = (*_PLACE, f"{row.survey}/{row.act}")
            again = store.keyring.seal(*place, store.keyring.open(*place, row.asked))
            with store.begin() as connection:
                connection.execute(
                    update(approvals)
                    .where(approvals.c.survey == row.survey, approvals.c.act == row.act)
                    .values(asked=again)
                )


class _Kept(TypedDict):
    """What waits, as it is kept."""

    act: str
    by: str
    name: str
    at: str
    until: str | None
    reason: str


def _encoded(asked: Asked) -> bytes:
    kept: _Kept = {
        "act": asked.act,
        "by": asked.by,
        "name": asked.name,
        "at": instant_text(asked.at),
        "until": None if asked.until is None else instant_text(asked.until),
        "reason": asked.reason,
    }
    return json.dumps(kept).encode()


def _asked(kept: _Kept) -> Asked:
    until = kept["until"]
    return Asked(
        act=Polls(kept["act"]),
        by=kept["by"],
        name=kept["name"],
        at=read_instant(kept["at"]),
        until=None if until is None else read_instant(until),
        reason=kept["reason"],
    )
