"""The registrar's window at a server: requests that wait together are signed one after another and stored in
one transaction (docs/protocol.md §7).

The first of those who wait does the work for all of them; each then gets its own paper or refusal. Nobody
gets a paper before it stands in the roll and is on the disk. The checks are those of
`registrar.issue_token`, in its order; where the roll is not a SQLite file of this machine, that is what runs.
Danger: how many papers are issued, and which messages were signed, is known from memory; it must be of the
very state that the write transaction sees.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from surveys.protocol.issuance import IssueRequest
from surveys.roll import attendance, models, registrar
from surveys.roll.attendance import NOT_ASKED
from surveys.roll.papers import Papers, papers_for
from surveys.roll.registrar import RandomBytes, TokenKeys
from surveys.stores.engines import reading
from surveys.stores.kept_connection import KeptConnection
from surveys.stores.marks import Marks
from surveys.stores.turns import Turns, Waiting, attempt, undone

MARK_BYTES = 8


class Asked:
    """How many papers of each panel are issued, and a mark of each message that was signed. Equal marks are a
    suspicion only: then the roll is asked.
    """

    def __init__(self, connection: Connection) -> None:
        slip = models.slips.c
        slips = connection.scalar(select(func.count()).select_from(models.slips)) or 0
        self._issued: Counter[int] = Counter()
        self._marks = Marks(slips)
        rows = select(slip.panel, func.substr(slip.blinded, 1, MARK_BYTES)).where(slip.blinded != NOT_ASKED)
        for panel, begins in connection.execute(rows):
            self._issued[panel] += 1
            self._marks.add(_mark(begins))

    def issued(self, panel: int) -> int:
        """Papers of this panel."""
        return self._issued[panel]

    def perhaps(self, request: IssueRequest) -> bool:
        """Whether this message may have been signed before."""
        return _mark(request.blinded) in self._marks

    def add(self, request: IssueRequest) -> None:
        """One more."""
        self._issued[request.panel] += 1
        self._marks.add(_mark(request.blinded))


def _mark(blinded: bytes) -> int:
    return int.from_bytes(blinded[:MARK_BYTES], "big") or 1


@dataclass(slots=True)
class _Waiting(Waiting):
    """Somebody who waits for a paper, and what came of it. `stored` is the message in the slip's row,
    `signed` has not been given out yet.
    """

    request: IssueRequest
    stored: bytes = NOT_ASKED
    signed: bytes | None = None
    paper: bytes | None = None

    @property
    def done(self) -> bool:
        return self.paper is not None or self.refusal is not None


class Window:
    """One for each roll and process; safe for many threads."""

    def __init__(
        self, engine: Engine, keys: TokenKeys, manifest: bytes, randbytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self._engine, self._keys, self._manifest, self._randbytes = engine, keys, manifest, randbytes
        self._turns = Turns[_Waiting]()
        self._kept = KeptConnection(engine)
        self._asked: Asked | None = None

    def issue(self, request: IssueRequest) -> bytes:
        """What `registrar.issue_token` does, with others. Raises what it raises; nothing of this request is
        stored then.
        """
        if not self._kept.possible:
            return registrar.issue_token(self._engine, self._keys, self._manifest, request, self._randbytes)
        mine = _Waiting(request)
        self._turns.take(mine, self._serve, self._forget)
        assert mine.paper is not None
        return mine.paper

    def papers_for(self, panel: int, slip: bytes) -> Papers:
        """Whether this slip would get a paper now (15.2). Raises UnknownSlip or UnknownPanel."""
        if not self._kept.possible:
            with reading(self._engine) as connection:
                return papers_for(connection, panel, slip, lambda: attendance.issued(connection, panel))
        with self._turns.alone:
            try:
                with self._kept.transaction(reads=True) as connection:
                    return papers_for(
                        connection, panel, slip, lambda: self._present(connection).issued(panel)
                    )
            except DBAPIError:
                self._forget()
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self._turns.alone:
            self._forget()

    def _forget(self) -> None:
        self._kept.close()
        self._asked = None

    def _serve(self, batch: Sequence[_Waiting]) -> None:
        with self._kept.transaction(reads=True) as connection:
            for each in batch:
                attempt(each, lambda one: self._admit(connection, one))
        for each in undone(batch):
            attempt(each, self._sign)
        with self._kept.transaction() as connection:
            asked = self._present(connection)
            for each in undone(batch):
                attempt(each, lambda one: self._store(connection, asked, one))
        for each in undone(batch):
            each.paper = each.signed

    def _admit(self, connection: Connection, each: _Waiting) -> None:
        each.stored = registrar.admit(connection, each.request)

    def _sign(self, each: _Waiting) -> None:
        each.signed = registrar.sign(self._keys, self._manifest, each.request, each.stored, self._randbytes)

    def _present(self, connection: Connection) -> Asked:
        """What stands in the roll at this moment."""
        if self._kept.has_changed() or self._asked is None:
            self._asked = Asked(connection)
        return self._asked

    def _store(self, connection: Connection, asked: Asked, each: _Waiting) -> None:
        request = each.request
        if registrar.compare(registrar.admit(connection, request), request):
            return
        if asked.perhaps(request):
            registrar.check_that_it_is_new(connection, request)
        registrar.check_that_one_is_left(
            asked.issued(request.panel), registrar.present(connection, request.panel)
        )
        registrar.enter(connection, request)
        asked.add(request)
