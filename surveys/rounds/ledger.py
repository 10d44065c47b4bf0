"""The rounds there are and how far each has come. Every verb is one transaction and may be run again.

Danger: `move` is the only way to change a state, one step forward at a time; a trigger in the store refuses any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from surveys.protocol.manifest import (
    Definition,
    Manifest,
    decode_definition,
    decode_manifest,
    encode_definition,
)
from surveys.rounds.errors import AnotherRound, IllegalMove, NoSuchRound
from surveys.rounds.models import drafts, rounds
from surveys.rounds.states import State, has_reached, is_next
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_TABLE = "rounds"
# Decoding takes longer than a page may: the same bytes are decoded once.
_definition = lru_cache(maxsize=16)(decode_definition)
_manifest = lru_cache(maxsize=16)(decode_manifest)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it stands. `opened` and `closed` are UTC instants (`…Z`)."""

    survey: str
    year: int
    preset: str
    title_vi: str
    title_en: str
    state: State
    attempt: int
    box_generation: int
    definition: Definition
    manifest: Manifest | None
    opened: str | None
    closed: str | None

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list of rounds shows; nothing of it is encrypted."""

    survey: str
    year: int
    preset: str
    title_vi: str
    title_en: str
    state: State
    root: str = ""

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}


def add(engine: Engine, keyring: Keyring, definition: Definition) -> None:
    """Enter a frozen round. The same definition again changes nothing; another one raises AnotherRound."""
    survey = definition.survey.hex()
    encoded = encode_definition(definition)
    with engine.begin() as connection:
        held = connection.execute(select(rounds).where(rounds.c.survey == survey)).one_or_none()
        if held is not None:
            if keyring.open(_TABLE, "definition", survey, held.definition) != encoded:
                raise AnotherRound(survey)
            return
        connection.execute(
            insert(rounds).values(
                survey=survey,
                year=definition.year,
                preset=definition.rule["name"],
                title_vi=definition.title_vi,
                title_en=definition.title_en,
                state=State.FROZEN.value,
                attempt=1,
                box_generation=0,
                definition=keyring.seal(_TABLE, "definition", survey, encoded),
                root=next(unit.code for unit in definition.units if unit.parent is None),
            )
        )


def keep_manifest(engine: Engine, keyring: Keyring, manifest: Manifest) -> None:
    """Enter the manifest of a round. The same again changes nothing; another one raises AnotherRound."""
    survey = manifest.definition.survey.hex()
    with engine.begin() as connection:
        held = _row(connection, survey)
        if held.manifest is not None:
            if keyring.open(_TABLE, "manifest", survey, held.manifest) != manifest.encode():
                raise AnotherRound(survey)
            return
        sealed = keyring.seal(_TABLE, "manifest", survey, manifest.encode())
        connection.execute(update(rounds).where(rounds.c.survey == survey).values(manifest=sealed))


def move(engine: Engine, survey: str, to: State, *, at: str | None = None) -> bool:
    """One step forward. True if the round moved, False if it was there already or beyond.

    `at` is the instant kept for opening and closing. Raises NoSuchRound, or IllegalMove for a step that skips one.
    """
    with engine.begin() as connection:
        state = State(_row(connection, survey).state)
        if has_reached(state, to):
            return False
        if not is_next(state, to):
            raise IllegalMove(survey, state.value, to.value)
        values: dict[str, str | None] = {"state": to.value}
        if to is State.OPEN:
            values["opened"] = at
        if to is State.CLOSING:
            values["closed"] = at
        connection.execute(update(rounds).where(rounds.c.survey == survey).values(**values))
        return True


def next_attempt(engine: Engine, survey: str) -> int:
    """Begin the key ceremony again with the next attempt; its number. The manifest of the earlier attempt is forgotten.

    One transaction. Raises IllegalMove once the ceremony is finished: a confirmed key stands.
    """
    with engine.begin() as connection:
        row = _row(connection, survey)
        if State(row.state) is not State.FROZEN:
            raise IllegalMove(survey, row.state, "another ceremony")
        attempt = int(row.attempt) + 1
        connection.execute(
            update(rounds).where(rounds.c.survey == survey).values(attempt=attempt, manifest=None)
        )
        return attempt


def change_committee(engine: Engine, keyring: Keyring, definition: Definition) -> int:
    """Begin the ceremony again with other trustees: only `trustees` and `threshold` of the definition may differ; the attempt's number.

    One transaction. Raises IllegalMove once the ceremony is finished, AnotherRound where anything else differs.
    """
    survey = definition.survey.hex()
    with engine.begin() as connection:
        row = _row(connection, survey)
        if State(row.state) is not State.FROZEN:
            raise IllegalMove(survey, row.state, "another committee")
        held = decode_definition(keyring.open(_TABLE, "definition", survey, row.definition))
        if replace(held, trustees=definition.trustees, threshold=definition.threshold) != definition:
            raise AnotherRound(survey)
        attempt = int(row.attempt) + 1
        sealed = keyring.seal(_TABLE, "definition", survey, encode_definition(definition))
        connection.execute(
            update(rounds)
            .where(rounds.c.survey == survey)
            .values(attempt=attempt, manifest=None, definition=sealed)
        )
        return attempt


def set_box_generation(engine: Engine, survey: str, generation: int) -> None:
    """Keep the box's generation outside the box, so that an old backup put back is noticed."""
    with engine.begin() as connection:
        _row(connection, survey)
        connection.execute(update(rounds).where(rounds.c.survey == survey).values(box_generation=generation))


def box_generation(engine: Engine, survey: str) -> int:
    """The box's generation as it is known outside the box. Raises NoSuchRound."""
    with reading(engine) as connection:
        return int(_row(connection, survey).box_generation)


def root_of(engine: Engine, survey: str) -> str:
    """The code of the unit at the top of a round or draft, empty where it is not known. Raises NoSuchRound."""
    with reading(engine) as connection:
        for table in (rounds, drafts):
            found: str | None = connection.scalar(select(table.c.root).where(table.c.survey == survey))
            if found is not None:
                return found
    raise NoSuchRound(survey)


def find(engine: Engine, keyring: Keyring, survey: str) -> Round:
    """The round. Raises NoSuchRound."""
    with reading(engine) as connection:
        return _round(_row(connection, survey), keyring)


def discard(engine: Engine, survey: str) -> bool:
    """Remove a rehearsed round that never finished. True if there was one. Raises IllegalMove once it is certified."""
    with engine.begin() as connection:
        row = connection.execute(select(rounds).where(rounds.c.survey == survey)).one_or_none()
        if row is None:
            return False
        if has_reached(State(row.state), State.CERTIFIED):
            raise IllegalMove(survey, row.state, "discarded")
        connection.execute(delete(rounds).where(rounds.c.survey == survey))
        return True


def reseal_rounds(engine: Engine, keyring: Keyring) -> None:
    """Seal definitions and manifests with the ring's newest key, a round at a time; may be killed and run again."""
    for survey in surveys(engine):
        with engine.begin() as connection:
            held = _row(connection, survey)
            for column in ("definition", "manifest"):
                sealed = getattr(held, column)
                if sealed is not None and key_number(sealed) != keyring.current:
                    again = keyring.seal(_TABLE, column, survey, keyring.open(_TABLE, column, survey, sealed))
                    connection.execute(
                        update(rounds).where(rounds.c.survey == survey).values({column: again})
                    )


def surveys(engine: Engine) -> tuple[str, ...]:
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


def heading(engine: Engine, survey: str) -> Heading:
    """What a list shows of one round: the quick way to its state. Raises NoSuchRound."""
    with reading(engine) as connection:
        row = connection.execute(select(*_HEADING).where(rounds.c.survey == survey)).one_or_none()
    if row is None:
        raise NoSuchRound(survey)
    return _heading(row)


def _heading(row: Any) -> Heading:
    return Heading(row.survey, row.year, row.preset, row.title_vi, row.title_en, State(row.state), row.root)


def _row(connection: Connection, survey: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(rounds).where(rounds.c.survey == survey)).one_or_none()
    if row is None:
        raise NoSuchRound(survey)
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
        row.box_generation,
        definition,
        None if manifest is None else _manifest(keyring.open(_TABLE, "manifest", row.survey, manifest)),
        row.opened,
        row.closed,
    )
