"""The log of what staff did: each entry holds the hash of the one before it (docs/operations.md, "The staff
log").

Acts of staff only: it never holds anything about a voter's act, and nobody who votes can cause an entry. An
act is written down before it is done, and a refusal after it: what a kill leaves is an act too many in the
log, never one too few. Danger: whoever could change an entry unseen could change what happened; the chain
shows it, and the store lets nothing be removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, cast

from sqlalchemy import Connection, Row, func, insert, select, update

from surveys.accounts.errors import LogBroken
from surveys.accounts.models import staff_log
from surveys.accounts.roles import Staff
from surveys.errors import SurveysError
from surveys.instants import Instant, instant_text, read_instant
from surveys.json_types import JsonObject
from surveys.names import UnitCode
from surveys.protocol import canonical
from surveys.protocol.transcript import digest, u32
from surveys.stores.columns import key_number
from surveys.stores.store import Store

BEGINNING = bytes(32)
_TABLE = "staff_log"


class Act(StrEnum):
    """What was done. The pages have a word for each."""

    ACCOUNT_INVITED = "account.invited"
    ACCOUNT_ACCEPTED = "account.accepted"
    ACCOUNT_SIGNED_IN = "account.signed_in"
    ACCOUNT_REFUSED = "account.refused"
    ACCOUNT_LEFT = "account.signed_out"
    ACCOUNT_SIGNED_OUT = "account.signed_out_everywhere"
    ACCOUNT_GRANTS = "account.grants"
    ACCOUNT_ACTIVE = "account.active"
    ACCOUNT_PASSWORD = "account.password"  # noqa: S105  (the name of an act)
    ACCOUNT_FORGOTTEN = "account.forgotten"
    ACCOUNT_FACTOR = "account.factor"
    ACCOUNT_FACTORS_FORGOTTEN = "account.factors_forgotten"
    ORGANISATION_IMPORTED = "organisation.imported"
    ORGANISATION_CORRECTED = "organisation.corrected"
    ORGANISATION_EXPORTED = "organisation.exported"
    ROUND_CREATED = "round.created"
    ROUND_DECIDED = "round.decided"
    ROUND_DISCARDED = "round.discarded"
    ROUND_FROZEN = "round.frozen"
    ROUND_COMMITTEE = "round.committee"
    ROUND_LINK = "round.link"
    ROUND_LINK_ENDED = "round.link_ended"
    ROUND_SLIP = "round.slip"
    ROUND_MAIL = "round.mail"
    ROUND_EXHIBIT = "round.exhibit"
    ROUND_ANSWER = "round.answer"
    ROUND_ATTENDANCE = "round.attendance"
    ROUND_ASKED = "round.asked"
    ROUND_OPENED = "round.opened"
    ROUND_EXTENDED = "round.extended"
    ROUND_CLOSED = "round.closed"
    ROUND_INCIDENT = "round.incident"
    ROUND_CONTEST_FROZEN = "round.contest_frozen"
    ROUND_STATED = "round.stated"
    ROUND_RESTORED = "round.restored"
    ROUND_PUBLISHED = "round.published"
    MINUTES_SIGNED = "minutes.signed"
    RESULTS_EXPORTED = "results.exported"
    TOKEN_MADE = "token.made"  # noqa: S105  (the name of an act)
    TOKEN_ENDED = "token.ended"  # noqa: S105
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the clock, or the command line. `name` is as it was then."""

    id: str
    name: str

    @classmethod
    def of(cls, staff: Staff) -> Actor:
        """An account as it stands."""
        return cls(staff.id, staff.name)


CLOCK = Actor("clock", "")
COMMAND_LINE = Actor("command-line", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `unit` and `survey` say what it is about, where it is about one; `facts` are texts and
    numbers.
    """

    number: int
    at: Instant
    actor: str
    name: str
    act: str
    unit: UnitCode | None
    round_id: str | None
    facts: Mapping[str, str | int]
    reason: str
    previous: bytes
    hash: bytes

    def as_json(self) -> JsonObject:
        """What its hash is over, beside the number, the instant and the hash before."""
        return {
            "actor": self.actor,
            "name": self.name,
            "act": self.act,
            "unit": self.unit,
            "survey": self.round_id,
            "facts": dict(self.facts),
            "reason": self.reason,
        }


class _Said(TypedDict):
    """`Entry.as_json`, as `StaffLog.write` wrote it."""

    actor: str
    name: str
    act: str
    unit: UnitCode | None
    survey: str | None
    facts: Mapping[str, str | int]
    reason: str


class StaffLog:
    """The log of an instance. `now` is in UTC."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self.now = store, now

    @contextmanager
    def acting(
        self,
        by: Actor,
        act: Act,
        /,
        *,
        unit: UnitCode | None = None,
        round_id: str | None = None,
        reason: str = "",
        **facts: str | int,
    ) -> Iterator[None]:
        """Write the act down, then do it in the block; where the block refuses, that is written down too and
        the refusal goes on.
        """
        written = self.write(by, act, unit=unit, round_id=round_id, reason=reason, **facts)
        try:
            yield
        except SurveysError as error:
            refusal = type(error).__name__
            self.write(by, Act.REFUSED, unit=unit, round_id=round_id, entry=written.number, refusal=refusal)
            raise

    def write(
        self,
        by: Actor,
        act: Act,
        /,
        *,
        unit: UnitCode | None = None,
        round_id: str | None = None,
        reason: str = "",
        **facts: str | int,
    ) -> Entry:
        """One more entry at the end. One transaction."""
        at = instant_text(self.now())
        said = Entry(0, read_instant(at), by.id, by.name, act.value, unit, round_id, facts, reason, b"", b"")
        entry = canonical.encode(said.as_json())
        with self._store.begin() as connection:
            last = _last(connection)
            number, previous = (1, BEGINNING) if last is None else (last.number + 1, last.hash)
            made = _hash(previous, number, at, entry)
            connection.execute(
                insert(staff_log).values(
                    number=number,
                    at=at,
                    previous=previous,
                    hash=made,
                    entry=self._store.keyring.seal(_TABLE, "entry", str(number), entry),
                )
            )
        return _entry(number, at, previous, made, entry)

    def entries(self, *, before: int | None = None, most: int | None = None) -> tuple[Entry, ...]:
        """Entries, newest first: at most `most` of those with a number below `before`."""
        wanted = select(staff_log).order_by(staff_log.c.number.desc())
        if before is not None:
            wanted = wanted.where(staff_log.c.number < before)
        with self._store.reading() as connection:
            rows = connection.execute(wanted if most is None else wanted.limit(most)).all()
        return tuple(self._open(row) for row in rows)

    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last entry; 0 and zeros for an empty log. Whoever notes them can tell a
        later change of what was before.
        """
        with self._store.reading() as connection:
            last = _last(connection)
        return (0, BEGINNING) if last is None else (last.number, last.hash)

    def check(self) -> int:
        """Recompute the whole chain; the number of entries. Raises LogBroken with the first entry that does
        not hold.
        """
        number, previous = 0, BEGINNING
        with self._store.reading() as connection:
            rows = connection.execute(select(staff_log).order_by(staff_log.c.number)).all()
        for row in rows:
            number += 1
            entry = self._store.keyring.open(_TABLE, "entry", str(row.number), row.entry)
            if (row.number, row.previous) != (number, previous):
                raise LogBroken(number)
            if row.hash != _hash(previous, number, row.at, entry):
                raise LogBroken(number)
            previous = row.hash
        return number

    def _open(self, row: Row[Any]) -> Entry:
        entry = self._store.keyring.open(_TABLE, "entry", str(row.number), row.entry)
        return _entry(row.number, row.at, row.previous, row.hash, entry)


def written_out(entries: Iterable[Entry]) -> str:
    """Entries as lines of JSON, each with its hash and the one before: what is taken along, and what
    `check_written` checks.
    """
    lines = (
        json.dumps(
            {
                "number": each.number,
                "at": instant_text(each.at),
                "previous": each.previous.hex(),
                "hash": each.hash.hex(),
                **each.as_json(),
            },
            ensure_ascii=False,
        )
        for each in entries
    )
    return "".join(f"{line}\n" for line in lines)


def check_written(text: str) -> tuple[int, bytes]:
    """Recompute the chain of a whole log that was taken along, without the instance; number and hash of its
    last entry.

    Raises LogBroken with the number of the first line that does not hold, counted from 1.
    """
    number, previous = 0, BEGINNING
    for line in text.splitlines():
        number += 1
        try:
            said = json.loads(line)
            at, held, before = said.pop("at"), bytes.fromhex(said.pop("hash")), said.pop("previous")
            holds = (said.pop("number"), before) == (number, previous.hex())
            again = _hash(previous, number, at, canonical.encode(said))
        except (ValueError, KeyError, TypeError, AttributeError, UnicodeError) as error:
            raise LogBroken(number) from error
        if not holds or again != held:
            raise LogBroken(number)
        previous = held
    return number, previous


def reseal_staff_log(store: Store) -> None:
    """Seal every entry with the ring's newest key, one a transaction; may be killed and run again."""
    with store.reading() as connection:
        numbers = range(1, (connection.scalar(select(func.max(staff_log.c.number))) or 0) + 1)
    for number in numbers:
        with store.begin() as connection:
            sealed = connection.scalar(select(staff_log.c.entry).where(staff_log.c.number == number))
            if sealed is not None and key_number(sealed) != store.keyring.current:
                place = (_TABLE, "entry", str(number))
                again = store.keyring.seal(*place, store.keyring.open(*place, sealed))
                connection.execute(update(staff_log).where(staff_log.c.number == number).values(entry=again))


def _last(connection: Connection) -> Row[Any, Any] | None:
    wanted = select(staff_log.c.number, staff_log.c.hash).order_by(staff_log.c.number.desc()).limit(1)
    return connection.execute(wanted).one_or_none()


def _hash(previous: bytes, number: int, at: str, entry: bytes) -> bytes:
    return digest("staff-log", previous, u32(number), at.encode("ascii"), entry)


def _entry(number: int, at: str, previous: bytes, made: bytes, raw: bytes) -> Entry:
    said = cast(_Said, canonical.decode(raw, check="staff-log", where=str(number)))
    return Entry(
        number=number,
        at=read_instant(at),
        actor=said["actor"],
        name=said["name"],
        act=said["act"],
        unit=said["unit"],
        round_id=said["survey"],
        facts=said["facts"],
        reason=said["reason"],
        previous=previous,
        hash=made,
    )
