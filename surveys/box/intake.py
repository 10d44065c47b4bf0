"""The slot of a box at its server: ballots that wait together are checked together and stored in one
transaction (§9).

The first of those who wait does the work for all of them; each then gets its own receipt or refusal. Nobody
gets a receipt before their ballot is verified and on the disk. The checks are those of
`receiving.receive_ballot`, in its order; where the box is not a SQLite file of this machine, that is what
runs. Danger: what memory says of the box is asked again inside the transaction that writes, by one number;
where another process has written meanwhile the whole batch looks anew.
"""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from surveys.box import board, gate, models, receiving
from surveys.box.contents import Contents, Stored, marks_of
from surveys.box.errors import DuplicateComponent, OlderBallot, RevotingNotAllowed, TrackerClash
from surveys.box.receipts import BoxKey
from surveys.box.receiving import RandomBytes, Receipt
from surveys.protocol.ballot import (
    Ballot,
    all_proven,
    check_proofs,
    check_signature,
    check_token,
    decode_ballot,
)
from surveys.protocol.manifest import Manifest
from surveys.stores.kept_connection import KeptConnection
from surveys.stores.turns import Turns, Waiting, attempt, undone

T = TypeVar("T")


@dataclass(slots=True)
class _Waiting(Waiting):
    """Somebody who waits with a ballot, and what came of it."""

    raw: bytes
    ballot: Ballot | None = None
    marks: tuple[int, ...] = ()
    proven: bool = False
    receipt: Receipt | None = None

    @property
    def done(self) -> bool:
        return self.receipt is not None or self.refusal is not None


LOOK_SECONDS = 0.5


class _Watch:
    """The intakes of a process, looked at twice a second: a box may have been sealed by another process,
    which waits until nobody has the old file open, and an intake that gets no ballot would not notice.
    """

    def __init__(self) -> None:
        self._intakes: weakref.WeakSet[Intake] = weakref.WeakSet()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def add(self, new: Intake) -> None:
        """One more to look at, as long as somebody has it."""
        with self._lock:
            self._intakes.add(new)

    def all(self) -> list[Intake]:
        """Those that somebody has."""
        with self._lock:
            return list(self._intakes)

    def begin(self) -> None:
        """Look from now on; in a process that was forked off, too."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="intakes", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            for each in self.all():
                each.let_go_of_the_old()


_WATCH = _Watch()


def let_go(engine: Engine) -> None:
    """The intakes of this process let go of this box's file, and take it up again with the next ballot:
    whoever seals waits until nobody has the old file open.
    """
    for each in _WATCH.all():
        if each.engine.url.database == engine.url.database:
            each.close()


class Intake:
    """One for each box and process; safe for many threads."""

    def __init__(
        self, engine: Engine, manifest: Manifest, key: BoxKey, randbytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self.engine, self._manifest, self._key, self._randbytes = engine, manifest, key, randbytes
        self._turns = Turns[_Waiting]()
        self._kept = KeptConnection(engine)
        self._contents: Contents | None = None
        _WATCH.add(self)

    def receive(self, raw: bytes) -> Receipt:
        """What `receive_ballot` does, with others. Raises what it raises; nothing of this ballot is stored
        then.
        """
        if not self._kept.possible:
            return receiving.receive_ballot(self.engine, self._manifest, raw, self._key, self._randbytes)
        _WATCH.begin()
        mine = _Waiting(raw)
        self._turns.take(mine, self._serve, self._forget)
        assert mine.receipt is not None
        return mine.receipt

    def returned(self) -> int:
        """How many ballots are in the box. Raises BoxNotPrepared."""
        if not self._kept.possible:
            return sum(board.returned(self.engine, len(self._manifest.definition.panels)))
        return self._asked(lambda contents: contents.returned)

    def trackers(self, prefix: str) -> tuple[bytes, ...]:
        """The trackers in the box whose hex begins so, sorted. Raises BoxNotPrepared."""
        if not self._kept.possible:
            return board.trackers_in_the_box(self.engine, prefix)
        return self._asked(lambda contents: contents.trackers(prefix))

    def _asked(self, what: Callable[[Contents], T]) -> T:
        _WATCH.begin()
        with self._turns.alone:
            try:
                with self._kept.transaction(reads=True) as connection:
                    return what(self._present(connection))
            except BaseException:
                self._forget()
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self._turns.alone:
            self._forget()

    def let_go_of_the_old(self) -> None:
        """Let go of a file that is no longer the box; whoever is at work notices without this."""
        if self._turns.alone.acquire(blocking=False):
            try:
                if self._kept.is_of_another_file():
                    self._forget()
            except FileNotFoundError:
                self._forget()
            finally:
                self._turns.alone.release()

    def _forget(self) -> None:
        self._kept.close()
        self._contents = None

    def _serve(self, batch: Sequence[_Waiting]) -> None:
        self._in_step(batch)
        for each in undone(batch):
            attempt(each, self._examine)
        self._in_step(batch)
        self._prove([each for each in undone(batch) if not each.proven])
        # Each time the first that is left is stored or refused, so this ends.
        while any(True for _ in undone(batch)):
            self._store(batch)

    def _in_step(self, batch: Sequence[_Waiting]) -> None:
        """Gate, sequence and uniqueness (9.1, 9.2, 8.6, 10.1) of the box as it is now, for all who are still
        to be stored.
        """
        with self._kept.transaction(reads=True) as connection:
            self._look(connection, batch)

    def _present(self, connection: Connection) -> Contents:
        """What the box holds at this moment."""
        contents = None if self._kept.is_new else self._contents
        if self._kept.has_changed() and contents is not None and not contents.catch_up(connection):
            contents = None
        if contents is None or contents.worn_out:
            contents = self._contents = Contents(connection, self._manifest)
        return contents

    def _look(self, connection: Connection, batch: Sequence[_Waiting]) -> Contents:
        contents = self._present(connection)
        for each in undone(batch):
            attempt(each, lambda one: self._place(connection, contents, one))
        return contents

    def _examine(self, each: _Waiting) -> None:
        """Length, decoding, token, signature."""
        receiving.check_size(each.raw, self._manifest)
        ballot = decode_ballot(each.raw, self._manifest)
        check_token(ballot, self._manifest)
        check_signature(ballot)
        each.ballot = ballot
        each.marks = marks_of(ballot.panel, receiving.fingerprints(ballot))

    def _place(self, connection: Connection, contents: Contents, each: _Waiting) -> None:
        """What `receiving.place` asks the database, asked of memory; a suspicion is looked into there."""
        gate.admit(contents.gate, self._manifest)
        ballot = each.ballot
        if ballot is None:
            return
        own = contents.slot_of(ballot.panel, ballot.key)
        if own is not None:
            if receiving.paper(connection, own) == each.raw:
                each.receipt = self._promise(ballot)
                return
            sequence = connection.scalar(select(models.head.c.sequence).where(models.head.c.slot == own))
            if ballot.sequence <= int.from_bytes(sequence or b"", "big"):
                raise OlderBallot("the box holds a ballot of this key that is as new or newer")
            if not self._manifest.definition.revoting:
                raise RevotingNotAllowed("this vote takes the first ballot of a key")
        if contents.any_marked(each.marks):
            receiving.check_components_of_panel(connection, ballot, own)
        elif len(set(receiving.points(ballot))) != 2 * len(ballot.rows):
            raise DuplicateComponent("a ciphertext occurs twice in this ballot")
        if contents.slot_of_tracker(ballot.tracker) not in (None, own):
            raise TrackerClash("another ballot has this tracker")

    def _prove(self, batch: Sequence[_Waiting]) -> None:
        """8.5, of all at once; where the kernel does not pass them, of each."""
        ballots = [each.ballot for each in batch if each.ballot is not None]
        together = all_proven(ballots, self._manifest)
        for each in batch:
            if not together:
                attempt(each, self._prove_one)
            each.proven = True

    def _prove_one(self, each: _Waiting) -> None:
        assert each.ballot is not None
        check_proofs(each.ballot, self._manifest)

    def _store(self, batch: Sequence[_Waiting]) -> None:
        """Write all that may be stored, in one transaction, and promise it once that is on the disk.

        Where some of the batch have a key, tracker or ciphertext in common, the later ones are left for
        another transaction, which sees what this one has stored.
        """
        written: list[tuple[_Waiting, Stored]] = []
        taken: set[object] = set()
        with self._kept.transaction() as connection:
            gate.hold(connection)
            contents = self._look(connection, batch)
            for each in undone(batch):
                ballot = each.ballot
                assert ballot is not None
                claims = {(ballot.panel, ballot.key), ballot.tracker, *each.marks}
                if taken.isdisjoint(claims):
                    taken |= claims
                    attempt(each, lambda one: written.append(self._write(connection, contents, one)))
        for each, stored in written:
            contents.put(stored)
            assert each.ballot is not None
            each.receipt = self._promise(each.ballot)

    def _write(self, connection: Connection, contents: Contents, each: _Waiting) -> tuple[_Waiting, Stored]:
        ballot = each.ballot
        assert ballot is not None
        own = contents.slot_of(ballot.panel, ballot.key)
        slot = contents.draw(ballot.panel, self._randbytes) if own is None else own
        try:
            receiving.write(connection, slot, ballot, each.raw)
        except BaseException:
            if own is None:
                contents.give_back(ballot.panel, slot)
            raise
        return each, Stored(slot, ballot.panel, ballot.key, ballot.digest, each.marks)

    def _promise(self, ballot: Ballot) -> Receipt:
        signature = self._key.sign_receipt(self._manifest.hash, ballot.digest, ballot.key, ballot.sequence)
        return Receipt(ballot.tracker, ballot.digest, signature)
