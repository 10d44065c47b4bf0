"""The box is sealed: its ballots are rewritten in the order of their digests, the old file is destroyed
(docs/protocol.md 9.4, 10.1).

The open box holds no order of arrival, but its slots were drawn at random by a server that somebody may have
watched; the sealed file holds nothing but the ballots in an order that everybody can compute. Danger: until
the new file has taken the old one's place, the old one is the vote. Overwriting destroys the old bytes on
plain disks; a file system that copies on write, a flash disk or a backup may keep them (docs/operations.md).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select

from surveys.box import gate, models
from surveys.box.errors import BoxDamaged, GateStillOpen
from surveys.box.gate import State
from surveys.box.intake import let_go
from surveys.box.sealed import SealedBallots, checked_paper
from surveys.box.sealing_rows import seal_rows
from surveys.disk import put_in_place, synchronise
from surveys.protocol.manifest import Manifest
from surveys.stores.engines import BUSY_SECONDS, sqlite_engine
from surveys.stores.migrating import migrate

BALLOTS_A_STATEMENT = 100
SORTED_AT_ONCE = 20_000
"""Digests of so many ballots, some four megabytes: each part costs one more walk over all heads."""
BLOCK = 1 << 20
WAIT_SECONDS = 0.01


def seal(engine: Engine, manifest: Manifest) -> SealedBallots:
    """Seal the box and return its ballots, sorted by digest, as they can be read from it.

    In a database the rows are written anew in one transaction (`sealing_rows`). The gate must be shut. A new
    file is written beside the old one, synchronised, and put in its place in one step; once nobody reads the
    old file any more it is overwritten and removed. Only one process seals at a time. Killed at any moment
    and run again, it ends the same; on a sealed box it removes what a killed run left and returns the
    ballots.

    Raises GateStillOpen, ForeignBox, BoxNotPrepared, or BoxDamaged when a stored ballot does not hash to the
    digest beside it: the old file then stands as it was.
    """
    if engine.dialect.name == "postgresql":
        seal_rows(engine, manifest)
        return SealedBallots(engine)
    path = _path(engine)
    fresh, old = path.with_name(path.name + ".sealing"), path.with_name(path.name + ".old")
    with _only_sealer(path.parent):
        state = _state(engine, manifest)
        if state is State.SHUT:
            _destroy(fresh)
            _forget_second_name(old, path)
            with engine.connect() as source:
                # This transaction (IMMEDIATE) lasts until the exchange is done: a step of the gate in between
                # would be lost with the old file. It writes nothing: a journal of the old file must never
                # stand beside the new one.
                gate.read(source)
                _rewrite(source, fresh)
                fresh.chmod(path.stat().st_mode)
                old.hardlink_to(path)
                synchronise(path.parent)
                put_in_place(fresh, path)
        _destroy(fresh)
        let_go(engine)
        _wait_for_readers(old)
        _destroy(old)
        return SealedBallots(engine)


def _state(engine: Engine, manifest: Manifest) -> State:
    with engine.connect() as connection:
        found = gate.read(connection)
    gate.own(found, manifest)
    if found.state in (State.WAITING, State.OPEN):
        raise GateStillOpen("shut the gate before sealing")
    return found.state


def _rewrite(source: Connection, fresh: Path) -> None:
    """Write the sealed file beside the old one: all ballots, sorted, nothing else."""
    fresh.touch(mode=0o600)
    new = sqlite_engine(fresh)
    migrate(new, "box")
    with new.begin() as target:
        _copy_row(source, target)
        slots, done = _slots_in_order(source), 0
        while part := _heads(source, list(islice(slots, BALLOTS_A_STATEMENT))):
            papers = [checked_paper(source, head) for head in part]
            target.execute(
                insert(models.head),
                [{**head._asdict(), "slot": slot} for slot, head in enumerate(part, done + 1)],
            )
            target.execute(
                insert(models.paper),
                [{"slot": slot, "ballot": raw} for slot, raw in enumerate(papers, done + 1)],
            )
            done += len(part)
    new.dispose()
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())


def _slots_in_order(source: Connection) -> Iterator[int]:
    """The slots of all ballots, by digest. Sorted here, a part of all digests at a time: of a large box
    SQLite would sort in a file of its own, and that file would lie about on the disk.
    """
    head = models.head.c
    used = select(head.digest, head.slot).where(head.used == b"\x01")
    ballots = source.execute(select(func.count()).select_from(used.subquery())).scalar_one()
    parts = min(256, 1 + ballots // SORTED_AT_ONCE)
    bounds = [bytes([256 * part // parts]) for part in range(1, parts)]
    for low, high in pairwise([b"", *bounds, None]):
        here = used.where(head.digest >= low)
        if high is not None:
            here = here.where(head.digest < high)
        yield from (slot for _, slot in sorted((row.digest, row.slot) for row in source.execute(here)))


def _heads(source: Connection, slots: Sequence[int]) -> list[Row[Any]]:
    """The heads of these slots, in this order."""
    found = {
        row.slot: row for row in source.execute(select(models.head).where(models.head.c.slot.in_(slots)))
    }
    return [found[slot] for slot in slots]


def _copy_row(source: Connection, target: Connection) -> None:
    """Gate and box key; the gate of the new file is sealed."""
    found = source.execute(select(models.gate)).one()
    target.execute(insert(models.gate).values({**found._asdict(), "state": State.SEALED.value}))
    key = source.execute(select(models.box_key)).one_or_none()
    if key is not None:
        target.execute(insert(models.box_key).values(key._asdict()))


def _wait_for_readers(old: Path) -> None:
    """Whoever waited for the box's lock during the exchange has the old file open, and reads it to its end
    rather than zeros.

    Linux grants a write lease only where nobody else has the file open (fcntl(2), F_SETLEASE); it is given
    back at once. Where there are no leases, or after as long as anybody waits for a lock, nobody is waited
    for.
    """
    if not (old.exists() and hasattr(fcntl, "F_SETLEASE")):
        return
    ends = time.monotonic() + BUSY_SECONDS
    with old.open("rb+") as file:
        while time.monotonic() < ends:
            try:
                fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    return
                time.sleep(WAIT_SECONDS)
            else:
                fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
                return


def _destroy(path: Path) -> None:
    """Overwrite a file, synchronise it, remove it; nothing happens where there is none."""
    for each in (path, path.with_name(path.name + "-journal")):
        if not each.exists():
            continue
        with each.open("rb+") as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(bytes(min(left, BLOCK)))
            file.flush()
            os.fsync(file.fileno())
        each.unlink()
        synchronise(each.parent)


def _forget_second_name(old: Path, path: Path) -> None:
    """A run that was killed before the exchange left a second name of the box itself, which must not be
    overwritten.
    """
    if old.exists():
        if not old.samefile(path):
            raise BoxDamaged(f"{old.name} is not the box, and the box is not sealed")
        old.unlink()
        synchronise(old.parent)


@contextmanager
def _only_sealer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process ends, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _path(engine: Engine) -> Path:
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name:
        raise BoxDamaged("only a box in a file or in PostgreSQL can be sealed")
    return Path(name)
