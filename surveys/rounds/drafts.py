"""Rounds that are being prepared: what the organizer has decided, until the roll is frozen. Encrypted: it
names the committee.

Nothing here binds anybody; freezing turns it into the definition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from sqlalchemy import Engine, delete, insert, select, update

from surveys.instants import instant_text, read_instant
from surveys.json_types import JsonObject
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.canonical import Fields
from surveys.protocol.definition import Slips, Visibility
from surveys.protocol.stationery import Stationery, read_stationery
from surveys.rounds.definition import Excluded, Presence, Terms
from surveys.rounds.errors import NoSuchDraft
from surveys.rounds.models import drafts, proposed_rolls
from surveys.rules.preset import Preset
from surveys.stores.columns import key_number
from surveys.stores.engines import reading
from surveys.stores.store import Store

_PLACE = ("drafts", "terms")
_ROLL = ("proposed_rolls", "entries")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A voter's slip before the roll is frozen: number of the panel, the voter's code, the public key (32
    bytes).
    """

    panel: int
    voter: PersonCode
    key: bytes


def save_draft(store: Store, terms: Terms) -> None:
    """Keep what was decided, in place of what was decided before. One transaction."""
    round_id = terms.round_id
    sealed = store.keyring.seal(*_PLACE, round_id, json.dumps(_written(terms)).encode())
    with store.begin() as connection:
        connection.execute(delete(drafts).where(drafts.c.survey == round_id))
        connection.execute(insert(drafts).values(survey=round_id, terms=sealed, root=terms.unit))


def load_draft(store: Store, round_id: RoundId) -> Terms:
    """The draft of this id. Raises NoSuchDraft."""
    with store.reading() as connection:
        sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == round_id))
    if sealed is None:
        raise NoSuchDraft(round_id)
    return _read(json.loads(store.keyring.open(*_PLACE, round_id, sealed)))


def change_draft(store: Store, round_id: RoundId, change: Callable[[Terms], Terms]) -> Terms:
    """Change what was decided, in one transaction, so that two who decide at once lose nothing. Raises
    NoSuchDraft.
    """
    with store.begin() as connection:
        sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == round_id))
        if sealed is None:
            raise NoSuchDraft(round_id)
        terms = change(_read(json.loads(store.keyring.open(*_PLACE, round_id, sealed))))
        again = store.keyring.seal(*_PLACE, round_id, json.dumps(_written(terms)).encode())
        connection.execute(
            update(drafts).where(drafts.c.survey == round_id).values(terms=again, root=terms.unit)
        )
        return terms


def drop_draft(engine: Engine, round_id: RoundId) -> None:
    """Forget a draft, with the keys that were proposed for it; where there is none nothing happens."""
    with engine.begin() as connection:
        connection.execute(delete(drafts).where(drafts.c.survey == round_id))
        connection.execute(delete(proposed_rolls).where(proposed_rolls.c.survey == round_id))


def propose_roll(store: Store, round_id: RoundId, keys: Sequence[Proposed]) -> None:
    """Keep who will have which slip, in place of an earlier proposal, until the round is frozen. One
    transaction.
    """
    listed = [[each.panel, each.voter, each.key.hex()] for each in keys]
    sealed = store.keyring.seal(*_ROLL, round_id, json.dumps(listed).encode())
    with store.begin() as connection:
        connection.execute(delete(proposed_rolls).where(proposed_rolls.c.survey == round_id))
        connection.execute(insert(proposed_rolls).values(survey=round_id, entries=sealed))


def proposed_roll(store: Store, round_id: RoundId) -> tuple[Proposed, ...] | None:
    """The proposal, None where there is none."""
    with store.reading() as connection:
        sealed = connection.scalar(
            select(proposed_rolls.c.entries).where(proposed_rolls.c.survey == round_id)
        )
    if sealed is None:
        return None
    listed = json.loads(store.keyring.open(*_ROLL, round_id, sealed))
    return tuple(Proposed(panel, voter, bytes.fromhex(key)) for panel, voter, key in listed)


def rounds_in_preparation(engine: Engine) -> tuple[str, ...]:
    """The ids of all drafts."""
    with reading(engine) as connection:
        return tuple(connection.scalars(select(drafts.c.survey).order_by(drafts.c.survey)))


def roots(engine: Engine) -> dict[RoundId, UnitCode]:
    """Every draft → the unit at its top."""
    with reading(engine) as connection:
        return {row.survey: row.root for row in connection.execute(select(drafts.c.survey, drafts.c.root))}


def reseal_drafts(store: Store) -> None:
    """Seal every draft with the ring's newest key, one a transaction; may be killed and run again."""
    for round_id in rounds_in_preparation(store.engine):
        with store.begin() as connection:
            sealed = connection.scalar(select(drafts.c.terms).where(drafts.c.survey == round_id))
            if sealed is not None and key_number(sealed) != store.keyring.current:
                again = store.keyring.seal(*_PLACE, round_id, store.keyring.open(*_PLACE, round_id, sealed))
                connection.execute(update(drafts).where(drafts.c.survey == round_id).values(terms=again))
            keys = connection.scalar(
                select(proposed_rolls.c.entries).where(proposed_rolls.c.survey == round_id)
            )
            if keys is not None and key_number(keys) != store.keyring.current:
                again = store.keyring.seal(*_ROLL, round_id, store.keyring.open(*_ROLL, round_id, keys))
                connection.execute(
                    update(proposed_rolls).where(proposed_rolls.c.survey == round_id).values(entries=again)
                )


class _ExcludedKept(TypedDict):
    """An excluded person as the draft keeps them."""

    person: PersonCode
    unit: UnitCode
    kind: str
    reason: str


class _Kept(TypedDict):
    """A draft as it is kept: its terms, with hex for bytes and texts for instants and words.

    Drafts of earlier versions do not say what was `decided`.
    """

    survey: str
    title_vi: str
    title_en: str
    number: str
    place: str
    year: int
    opens: str
    closes: str
    preset: JsonObject
    trustees: Sequence[str]
    threshold: int
    k: int
    time_zone: str
    look_up: int
    revoting: bool
    subjects_vote: bool
    slips: str
    visibility: str
    clients: Sequence[tuple[str, str]]
    unit: UnitCode
    excluded: Sequence[_ExcludedKept]
    presence: str
    by_clock: bool
    four_eyes: bool
    on_desk: bool
    papers: NotRequired[JsonObject]  # missing in drafts of 0.2.0
    decided: NotRequired[Sequence[str]]


def _written(terms: Terms) -> _Kept:
    return {
        "survey": terms.round_id,
        "title_vi": terms.title_vi,
        "title_en": terms.title_en,
        "number": terms.number,
        "place": terms.place,
        "year": terms.year,
        "opens": instant_text(terms.opens),
        "closes": instant_text(terms.closes),
        "preset": terms.preset.as_json(),
        "trustees": terms.trustees,
        "threshold": terms.threshold,
        "k": terms.k,
        "time_zone": terms.time_zone,
        "look_up": terms.look_up,
        "revoting": terms.revoting,
        "subjects_vote": terms.subjects_vote,
        "slips": terms.slips,
        "visibility": terms.visibility,
        "clients": [(name, digest.hex()) for name, digest in terms.clients],
        "unit": terms.unit,
        "excluded": [
            {"person": each.person, "unit": each.unit, "kind": each.kind, "reason": each.reason}
            for each in terms.excluded
        ],
        "presence": terms.presence,
        "by_clock": terms.by_clock,
        "four_eyes": terms.four_eyes,
        "on_desk": terms.on_desk,
        "papers": terms.papers.as_json(),
        "decided": terms.decided,
    }


def _read(kept: _Kept) -> Terms:
    return Terms(
        survey=bytes.fromhex(kept["survey"]),
        title_vi=kept["title_vi"],
        title_en=kept["title_en"],
        number=kept["number"],
        place=kept["place"],
        year=kept["year"],
        opens=read_instant(kept["opens"]),
        closes=read_instant(kept["closes"]),
        preset=Preset.from_json(kept["preset"]),
        trustees=tuple(kept["trustees"]),
        threshold=kept["threshold"],
        k=kept["k"],
        time_zone=kept["time_zone"],
        look_up=kept["look_up"],
        revoting=kept["revoting"],
        subjects_vote=kept["subjects_vote"],
        slips=Slips(kept["slips"]),
        visibility=Visibility(kept["visibility"]),
        clients=tuple((name, bytes.fromhex(digest)) for name, digest in kept["clients"]),
        unit=kept["unit"],
        excluded=tuple(Excluded(**each) for each in kept["excluded"]),
        presence=Presence(kept["presence"]),
        by_clock=kept["by_clock"],
        four_eyes=kept["four_eyes"],
        on_desk=kept["on_desk"],
        papers=_stationery(kept.get("papers")),
        decided=tuple(kept.get("decided", ())),
    )


def _stationery(kept: JsonObject | None) -> Stationery:
    return Stationery() if kept is None else read_stationery(Fields(dict(kept), check="4.1", where="papers"))
