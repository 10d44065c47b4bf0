"""The rounds there are and how far each has come. Every verb is one transaction and may be run again.

Danger: `move` is the only way to change a state, one step forward at a time; a trigger in the store refuses
any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, delete, insert, select, update

from surveys.instants import Instant
from surveys.names import NO_UNIT, RoundId, UnitCode
from surveys.protocol.manifest import (
    Definition,
    Manifest,
    decode_definition,
    decode_manifest,
    encode_definition,
)
from surveys.rounds.errors import AnotherRound, IllegalMove, NoSuchRound
from surveys.rounds.models import drafts, generations, rounds
from surveys.rounds.states import State, has_reached, is_next
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading
from surveys.stores.generations import FIRST, Generation
from surveys.stores.store import Store

_TABLE = "rounds"
# Decoding takes longer than a page may: the same bytes are decoded once.
_definition = lru_cache(maxsize=16)(decode_definition)
_manifest = lru_cache(maxsize=16)(decode_manifest)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it stands."""

    round_id: RoundId
    year: int
    preset: str
    title_vi: str
    title_en: str
    state: State
    attempt: int
    definition: Definition
    manifest: Manifest | None
    opened: Instant | None
    closed: Instant | None

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list of rounds shows; nothing of it is encrypted."""

    round_id: RoundId
    year: int
    preset: str
    title_vi: str
    title_en: str
    state: State
    root: UnitCode = NO_UNIT

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}


def add(store: Store, definition: Definition) -> None:
    """Enter a frozen round. The same definition again changes nothing; another one raises AnotherRound."""
    round_id = definition.round_id
    encoded = encode_definition(definition)
    with store.begin() as connection:
        held = connection.execute(select(rounds).where(rounds.c.survey == round_id)).one_or_none()
        if held is not None:
            if store.keyring.open(_TABLE, "definition", round_id, held.definition) != encoded:
                raise AnotherRound(round_id)
            return
        connection.execute(
            insert(rounds).values(
                survey=round_id,
                year=definition.year,
                preset=definition.rule["name"],
                title_vi=definition.title_vi,
                title_en=definition.title_en,
                state=State.FROZEN.value,
                attempt=1,
                definition=store.keyring.seal(_TABLE, "definition", round_id, encoded),
                root=definition.top,
            )
        )


def keep_manifest(store: Store, manifest: Manifest) -> None:
    """Enter the manifest of a round. The same again changes nothing; another one raises AnotherRound."""
    round_id = manifest.definition.round_id
    with store.begin() as connection:
        held = _row(connection, round_id)
        if held.manifest is not None:
            if store.keyring.open(_TABLE, "manifest", round_id, held.manifest) != manifest.encode():
                raise AnotherRound(round_id)
            return
        sealed = store.keyring.seal(_TABLE, "manifest", round_id, manifest.encode())
        connection.execute(update(rounds).where(rounds.c.survey == round_id).values(manifest=sealed))


def move(engine: Engine, round_id: RoundId, to: State, *, at: Instant | None = None) -> bool:
    """One step forward. True if the round moved, False if it was there already or beyond.

    `at` is the instant kept for opening and closing. Raises NoSuchRound, or IllegalMove for a step that skips
    one.
    """
    with engine.begin() as connection:
        state = State(_of(connection, round_id, rounds.c.state).state)
        if has_reached(state, to):
            return False
        if not is_next(state, to):
            raise IllegalMove(round_id, state.value, to.value)
        values: dict[str, str | Instant | None] = {"state": to.value}
        if to is State.OPEN:
            values["opened"] = at
        if to is State.CLOSING:
            values["closed"] = at
        connection.execute(update(rounds).where(rounds.c.survey == round_id).values(**values))
        return True


def next_attempt(engine: Engine, round_id: RoundId) -> int:
    """Begin the key ceremony again with the next attempt; its number. The manifest of the earlier attempt is
    forgotten.

    One transaction. Raises IllegalMove once the ceremony is finished: a confirmed key stands.
    """
    with engine.begin() as connection:
        row = _of(connection, round_id, rounds.c.state, rounds.c.attempt)
        if State(row.state) is not State.FROZEN:
            raise IllegalMove(round_id, row.state, "another ceremony")
        attempt = int(row.attempt) + 1
        connection.execute(
            update(rounds).where(rounds.c.survey == round_id).values(attempt=attempt, manifest=None)
        )
        return attempt


def change_committee(store: Store, definition: Definition) -> int:
    """Begin the ceremony again with other trustees: only `trustees` and `threshold` of the definition may
    differ; the attempt's number.

    One transaction. Raises IllegalMove once the ceremony is finished, AnotherRound where anything else
    differs.
    """
    round_id = definition.round_id
    with store.begin() as connection:
        row = _row(connection, round_id)
        if State(row.state) is not State.FROZEN:
            raise IllegalMove(round_id, row.state, "another committee")
        held = decode_definition(store.keyring.open(_TABLE, "definition", round_id, row.definition))
        if replace(held, trustees=definition.trustees, threshold=definition.threshold) != definition:
            raise AnotherRound(round_id)
        attempt = int(row.attempt) + 1
        sealed = store.keyring.seal(_TABLE, "definition", round_id, encode_definition(definition))
        connection.execute(
            update(rounds)
            .where(rounds.c.survey == round_id)
            .values(attempt=attempt, manifest=None, definition=sealed)
        )
        return attempt


def generation(engine: Engine, round_id: RoundId) -> Generation:
    """The generation that the app store knows of a round's stores; `FIRST` where it knows none."""
    column = generations.c
    with reading(engine) as connection:
        found = connection.scalar(select(column.generation).where(column.survey == round_id))
    return FIRST if found is None else Generation.read(found)


def enter_generation(engine: Engine, round_id: RoundId, entered: Generation) -> None:
    """Let the app store know another generation. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(generations).where(generations.c.survey == round_id))
        connection.execute(insert(generations).values(survey=round_id, generation=entered.encode()))


def root_of(engine: Engine, round_id: RoundId) -> UnitCode:
    """The code of the unit at the top of a round or draft, empty where it is not known. Raises
    NoSuchRound.
    """
    with reading(engine) as connection:
        for table in (rounds, drafts):
            found: UnitCode | None = connection.scalar(select(table.c.root).where(table.c.survey == round_id))
            if found is not None:
                return found
    raise NoSuchRound(round_id)


def find(store: Store, round_id: RoundId) -> Round:
    """The round. Raises NoSuchRound."""
    with store.reading() as connection:
        return _round(_row(connection, round_id), store.keyring)


def discard(engine: Engine, round_id: RoundId) -> bool:
    """Remove a rehearsed round that never finished. True if there was one. Raises IllegalMove once it is
    certified.
    """
    with engine.begin() as connection:
        row = connection.execute(select(rounds).where(rounds.c.survey == round_id)).one_or_none()
        if row is None:
            return False
        if has_reached(State(row.state), State.CERTIFIED):
            raise IllegalMove(round_id, row.state, "discarded")
        for table in (rounds, generations):
            connection.execute(delete(table).where(table.c.survey == round_id))
        return True


def reseal_rounds(store: Store) -> None:
    """Seal definitions and manifests with the ring's newest key, a round at a time; may be killed and run
    again.
    """
    for round_id in round_ids(store.engine):
        with store.begin() as connection:
            held = _row(connection, round_id)
            for column in ("definition", "manifest"):
                sealed = getattr(held, column)
                if sealed is not None and key_number(sealed) != store.keyring.current:
                    again = store.keyring.seal(
                        _TABLE, column, round_id, store.keyring.open(_TABLE, column, round_id, sealed)
                    )
                    connection.execute(
                        update(rounds).where(rounds.c.survey == round_id).values({column: again})
                    )


def round_ids(engine: Engine) -> tuple[RoundId, ...]:
    """The ids of all rounds, newest year first."""
    with reading(engine) as connection:
        return tuple(
            connection.scalars(select(rounds.c.survey).order_by(rounds.c.year.desc(), rounds.c.survey))
        )


_HEADING = (
    rounds.c.survey,
    rounds.c.year,
    rounds.c.preset,
    rounds.c.title_vi,
    rounds.c.title_en,
    rounds.c.state,
    rounds.c.root,
)


def headings(engine: Engine) -> tuple[Heading, ...]:
    """All rounds as a list shows them, newest year first."""
    with reading(engine) as connection:
        rows = connection.execute(select(*_HEADING).order_by(rounds.c.year.desc(), rounds.c.survey)).all()
    return tuple(_heading(row) for row in rows)


def heading(engine: Engine, round_id: RoundId) -> Heading:
    """What a list shows of one round: the quick way to its state. Raises NoSuchRound."""
    with reading(engine) as connection:
        row = connection.execute(select(*_HEADING).where(rounds.c.survey == round_id)).one_or_none()
    if row is None:
        raise NoSuchRound(round_id)
    return _heading(row)


def _heading(row: Row[*tuple[Any, ...]]) -> Heading:
    return Heading(row.survey, row.year, row.preset, row.title_vi, row.title_en, State(row.state), row.root)


def _row(connection: Connection, round_id: RoundId) -> Row[tuple[object, ...]]:
    return _of(connection, round_id, *rounds.c)


def _of(connection: Connection, round_id: RoundId, *columns: Column[Any]) -> Row[tuple[object, ...]]:
    """What is asked of a round: definition and manifest are long, and only who reads them loads them."""
    row = connection.execute(select(*columns).where(rounds.c.survey == round_id)).one_or_none()
    if row is None:
        raise NoSuchRound(round_id)
    return row


def _round(row: Row[tuple[object, ...]], keyring: Keyring) -> Round:
    manifest = row.manifest
    definition = _definition(keyring.open(_TABLE, "definition", row.survey, row.definition))
    return Round(
        row.survey,
        row.year,
        row.preset,
        row.title_vi,
        row.title_en,
        State(row.state),
        row.attempt,
        definition,
        None if manifest is None else _manifest(keyring.open(_TABLE, "manifest", row.survey, manifest)),
        row.opened,
        row.closed,
    )
