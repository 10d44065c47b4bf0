"""Four eyes: what one person asks for, another one approves (docs/operations.md, "A round on the desk").

Danger: an approval by whoever asked is none; so the two are compared here, and what is approved is exactly what was asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, insert, select, update

from surveys.rounds.errors import NothingAsked, OwnApproval
from surveys.rounds.models import approvals
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_PLACE = ("approvals", "asked")


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a second person: `act` is opened, closed or extended; `by` an account's id, `name` its holder's name."""

    act: str
    by: str
    name: str
    at: str
    until: str | None = None
    reason: str = ""


def ask(engine: Engine, keyring: Keyring, survey: str, asked: Asked) -> None:
    """Let this wait for a second person, in place of what waited of the same kind. One transaction."""
    sealed = keyring.seal(*_PLACE, f"{survey}/{asked.act}", json.dumps(asdict(asked)).encode())
    with engine.begin() as connection:
        connection.execute(
            delete(approvals).where(approvals.c.survey == survey, approvals.c.act == asked.act)
        )
        connection.execute(
            insert(approvals).values(survey=survey, act=asked.act, asked_by=asked.by, asked=sealed)
        )


def waiting(engine: Engine, keyring: Keyring, survey: str) -> tuple[Asked, ...]:
    """Everything of this round that waits for a second person."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(approvals).where(approvals.c.survey == survey).order_by(approvals.c.act)
        ).all()
    return tuple(Asked(**json.loads(keyring.open(*_PLACE, f"{survey}/{row.act}", row.asked))) for row in rows)


def approve(engine: Engine, keyring: Keyring, survey: str, act: str, by: str) -> Asked:
    """What was asked, to be done now. Stores nothing. Raises NothingAsked, or OwnApproval for whoever asked."""
    asked = next((each for each in waiting(engine, keyring, survey) if each.act == act), None)
    if asked is None:
        raise NothingAsked(act)
    if asked.by == by:
        raise OwnApproval("the second person must be another one")
    return asked


def withdraw(engine: Engine, survey: str, act: str) -> None:
    """Nothing of this kind waits any more: it was done, or is not wanted. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(approvals).where(approvals.c.survey == survey, approvals.c.act == act))


def reseal_approvals(engine: Engine, keyring: Keyring) -> None:
    """Seal everything that waits with the ring's newest key; may be killed and run again."""
    with reading(engine) as connection:
        rows = connection.execute(select(approvals)).all()
    for row in rows:
        if key_number(row.asked) != keyring.current:
            place = (*_PLACE, f"{row.survey}/{row.act}")
            again = keyring.seal(*place, keyring.open(*place, row.asked))
            with engine.begin() as connection:
                connection.execute(
                    update(approvals)
                    .where(approvals.c.survey == row.survey, approvals.c.act == row.act)
                    .values(asked=again)
                )
