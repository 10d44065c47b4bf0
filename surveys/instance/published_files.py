"""The files of an instance's published rounds (`surveys.papers.archive.Archive`): bundles, and the minutes
beside them.

Danger: a file that was put in the place of another would be handed out as certified; so a bundle is held
against the hash of the ledger each time it has changed on the disk, and the minutes against the hash that the
bundle names each time they are asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from surveys.audit.bundle import read_bundle
from surveys.audit.case import Signature
from surveys.audit.checks_minutes import certified_length
from surveys.names import RoundId
from surveys.papers.minutes_record import MinutesRecord, pdf_hash, read_record
from surveys.papers.typeset import signature_lines, whole_round
from surveys.protocol.errors import Rejected
from surveys.results import publications as ledger
from surveys.results.boards import OfferedBundle
from surveys.results.errors import BundleElsewhere, NotSignedMinutes, NoTypesetMinutes, SignaturesLost
from surveys.results.exports import write_whole
from surveys.stages.publishing import minutes_beside, signed_path
from surveys.stores.store import Stores

RECORDS_KEPT = 2


class InstanceArchive:
    """Over the folder of bundles. What is read of a published bundle is kept: it never changes."""

    def __init__(self, stores: Stores, bundles: Path) -> None:
        self._stores, self._bundles = stores, bundles
        self._hash = lru_cache(maxsize=16)(_hash)
        self._record = lru_cache(maxsize=RECORDS_KEPT)(_read)
        self._signatures = lru_cache(maxsize=16)(_signatures)
        self._typesetting = threading.Lock()

    def bundle(self, round_id: RoundId) -> OfferedBundle:
        """The bundle. Raises NotPublished, or BundleElsewhere where the file is missing or another than the
        published one.
        """
        entry = ledger.find(self._stores.app, round_id)
        path = self._bundles / entry.bundle
        try:
            there = path.stat()
            made = self._hash(path, there.st_mtime_ns, there.st_size)
        except OSError as error:
            raise BundleElsewhere(round_id) from error
        if made != entry.bundle_sha256:
            raise BundleElsewhere(round_id)
        return OfferedBundle(path, there.st_size, made)

    def minutes(self, round_id: RoundId) -> Path:
        """The typeset minutes beside the bundle; one request sets them, the others wait for it. Raises as
        `Archive.minutes`.
        """
        bundle = self.bundle(round_id)
        with self._typesetting:
            found = minutes_beside(bundle.path)
        if found is None:
            raise NoTypesetMinutes(round_id)
        return found

    def signed(self, round_id: RoundId) -> tuple[Path, Sequence[Signature]] | None:
        """The minutes with the signatures so far. Raises as `Archive.signed`."""
        path = signed_path(self.bundle(round_id).path)
        try:
            there = path.stat()
        except FileNotFoundError:
            return None
        _, named = self.record(round_id)
        return path, self._signatures(path, there.st_mtime_ns, there.st_size, named)

    def to_sign(self, round_id: RoundId) -> bytes:
        """The certified minutes with empty fields. Raises as `Archive.to_sign`."""
        from surveys.papers.signing import prepared  # what reads and writes signatures takes a second to load

        certified = self.minutes(round_id).read_bytes()
        record, _ = self.record(round_id)
        return prepared(certified, signature_lines(whole_round(record)))

    def keep_signed(self, round_id: RoundId, content: bytes) -> Sequence[Signature]:
        """Keep signed minutes; one request at a time, in all processes. Raises as `Archive.keep_signed`."""
        path = signed_path(self.bundle(round_id).path)
        _, named = self.record(round_id)
        if named is None:
            raise NoTypesetMinutes(round_id)
        given = _signatures_in(content, named)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = path.read_bytes() if path.is_file() else b""
            if not content.startswith(kept):
                with suppress(NotSignedMinutes):  # a damaged file is replaced
                    raise SignaturesLost(len(_signatures_in(kept, named)))
            write_whole(path, content)
        return given

    def record(self, round_id: RoundId) -> tuple[MinutesRecord, bytes | None]:
        """What the minutes tell, and the hash of the typeset file. Raises as `bundle`."""
        bundle = self.bundle(round_id)
        return self._record(bundle.path, bundle.sha256)


def _hash(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _signatures(path: Path, _changed: int, _size: int, named: bytes | None) -> Sequence[Signature]:
    return () if named is None else _signatures_in(path.read_bytes(), named)


def _signatures_in(content: bytes, named: bytes) -> Sequence[Signature]:
    from surveys.audit.signed_minutes import read_signatures

    certified = certified_length(content, named)
    if certified is None or certified == len(content):
        raise NotSignedMinutes("it does not begin with them" if certified is None else "nobody has signed it")
    try:
        return read_signatures(content, certified)
    except Rejected as refusal:
        raise NotSignedMinutes(refusal.why) from refusal


def _read(path: Path, _sha256: str) -> tuple[MinutesRecord, bytes | None]:
    with read_bundle(path) as members:
        return read_record(members), pdf_hash(members)
