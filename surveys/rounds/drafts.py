"""Rounds that are being prepared: what the organizer has decided, until the roll is frozen. Encrypted: it names the committee.

Nothing here binds anybody; freezing turns it into the definition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from surveys.rounds.definition import Excluded, Terms
from surveys.rounds.errors import NoSuchDraft
from surveys.rounds.models import drafts, proposed_rolls
from surveys.rules.preset import Preset
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_PLACE = ("drafts", "terms")
_ROLL = ("proposed_rolls", "entries")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A voter's slip before the roll is frozen: number of the panel, the voter's code, the public key (32 bytes)."""

    panel: int
    voter: str
    key: bytes


def save_draft(engine: Engine, keyring: Keyring, terms: Terms) -> None:
    """Keep what was decided, in place of what was decided before. One transaction."""
    survey = terms.survey.hex()
    sealed = keyring.seal(*_PLACE, survey, json.dumps(_written(terms)).encode())
    with engine.begin() as connection:
        connection.execute(delete(drafts).where(drafts.c.survey == survey))
        connection.execute(insert(drafts).values(survey=survey, terms=sealed, root=terms.unit))


def load_draft(engine: Engine, keyring: Keyring, survey: str) -> Terms:
    """The draft of this survey id. Raises NoSuchDraft."""
    with reading(engine) as connection:
        sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == survey))
    if sealed is None:
        raise NoSuchDraft(survey)
    return _read(json.loads(keyring.open(*_PLACE, survey, sealed)))


def change_draft(engine: Engine, keyring: Keyring, survey: str, change: Callable[[Terms], Terms]) -> Terms:
    """Change what was decided, in one transaction, so that two who decide at once lose nothing. Raises NoSuchDraft."""
    with engine.begin() as connection:
        sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == survey))
        if sealed is None:
            raise NoSuchDraft(survey)
        terms = change(_read(json.loads(keyring.open(*_PLACE, survey, sealed))))
        again = keyring.seal(*_PLACE, survey, json.dumps(_written(terms)).encode())
        connection.execute(
            update(drafts).where(drafts.c.survey == survey).values(terms=again, root=terms.unit)
        )
        return terms


def drop_draft(engine: Engine, survey: str) -> None:
    """Forget a draft, with the keys that were proposed for it; where there is none nothing happens."""
    with engine.begin() as connection:
        connection.execute(delete(drafts).where(drafts.c.survey == survey))
        connection.execute(delete(proposed_rolls).where(proposed_rolls.c.survey == survey))


def propose_roll(engine: Engine, keyring: Keyring, survey: str, keys: Sequence[Proposed]) -> None:
    """Keep who will have which slip, in place of an earlier proposal, until the round is frozen. One transaction."""
    listed = [[each.panel, each.voter, each.key.hex()] for each in keys]
    sealed = keyring.seal(*_ROLL, survey, json.dumps(listed).encode())
    with engine.begin() as connection:
        connection.execute(delete(proposed_rolls).where(proposed_rolls.c.survey == survey))
        connection.execute(insert(proposed_rolls).values(survey=survey, entries=sealed))


def proposed_roll(engine: Engine, keyring: Keyring, survey: str) -> tuple[Proposed, ...] | None:
    """The proposal, None where there is none."""
    with reading(engine) as connection:
        sealed = connection.scalar(select(proposed_rolls.c.entries).where(proposed_rolls.c.survey == survey))
    if sealed is None:
        return None
    listed = json.loads(keyring.open(*_ROLL, survey, sealed))
    return tuple(Proposed(panel, voter, bytes.fromhex(key)) for panel, voter, key in listed)


def forget_proposal(engine: Engine, survey: str) -> None:
    """The voters have changed: slips are made anew. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(proposed_rolls).where(proposed_rolls.c.survey == survey))


def surveys_in_preparation(engine: Engine) -> tuple[str, ...]:
    """The ids of all drafts."""
    with reading(engine) as connection:
        return tuple(connection.scalars(select(drafts.c.survey).order_by(drafts.c.survey)))


def roots(engine: Engine) -> dict[str, str]:
    """Every draft → the unit at its top."""
    with reading(engine) as connection:
        return {row.survey: row.root for row in connection.execute(select(drafts.c.survey, drafts.c.root))}


def reseal_drafts(engine: Engine, keyring: Keyring) -> None:
    """Seal every draft with the ring's newest key, one a transaction; may be killed and run again."""
    for survey in surveys_in_preparation(engine):
        with engine.begin() as connection:
            sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == survey))
            if sealed is not None and key_number(sealed) != keyring.current:
                again = keyring.seal(*_PLACE, survey, keyring.open(*_PLACE, survey, sealed))
                connection.execute(update(drafts).where(drafts.c.survey == survey).values(terms=again))
            keys = connection.scalar(
                select(proposed_rolls.c.entries).where(proposed_rolls.c.survey == survey)
            )
            if keys is not None and key_number(keys) != keyring.current:
                again = keyring.seal(*_ROLL, survey, keyring.open(*_ROLL, survey, keys))
                connection.execute(
                    update(proposed_rolls).where(proposed_rolls.c.survey == survey).values(entries=again)
                )


def _written(terms: Terms) -> dict[str, Any]:
    written = {name: getattr(terms, name) for name in Terms.__slots__}
    written["survey"] = terms.survey.hex()
    written["preset"] = terms.preset.as_json()
    written["clients"] = [[name, digest.hex()] for name, digest in terms.clients]
    written["excluded"] = [asdict(each) for each in terms.excluded]
    return written


def _read(written: dict[str, Any]) -> Terms:
    clients = tuple((name, bytes.fromhex(digest)) for name, digest in written["clients"])
    return Terms(
        **{
            **written,
            "survey": bytes.fromhex(written["survey"]),
            "preset": Preset.from_json(written["preset"]),
            "trustees": tuple(written["trustees"]),
            "clients": clients,
            "excluded": tuple(Excluded(**each) for each in written.get("excluded", ())),
        }
    )
