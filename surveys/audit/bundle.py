"""The audit bundle of docs/protocol.md 14.1: one zip with exactly fourteen members.

The reader takes the zip apart itself: every byte of the file belongs to a member, to the directory or to its
end record, so two readers cannot see two different bundles in one file. Danger: the file comes from anybody.
Nothing is unpacked before its size is known and plausible, and what comes out is counted while it comes out.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NoReturn, Self

from surveys.audit.members import Content, pieces_of
from surveys.disk import put_in_place
from surveys.protocol.errors import Rejected

MEMBERS = (
    "manifest.json",
    "ceremony.json",
    "roll.json",
    "issuance.json",
    "board.bin",
    "checkpoint.txt",
    "plan.json",
    "agreement.json",
    "tally.json",
    "attendance.json",
    "results.json",
    "minutes.json",
    "minutes.txt",
    "certificate.json",
)
MAX_MEMBER = 2**32 - 1
# How much a member may unpack to (14.1): so many times its packed size, and so many bytes more. What is hex
# or cannot be packed does not unpack to much more, and a file that does was made to exhaust its reader.
# Results and minutes say nearly the same of each contest: those of 4 000 contests are packed to an eleventh,
# those of contests that are withheld to a fortieth.
_CIPHERTEXT, _HEX, _TEXT, _ALIKE = (2, 65_536), (4, 65_536), (12, 262_144), (16, 2**22)
_UNPACKED = {
    "board.bin": _CIPHERTEXT,
    **dict.fromkeys(("ceremony.json", "roll.json", "issuance.json", "tally.json"), _HEX),
    **dict.fromkeys(("results.json", "minutes.txt"), _ALIKE),
}
_CHUNK = 2**18
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_STORED, _DEFLATED = 0, 8
# Bits 1 and 2 say how hard the packer tried, bit 11 that names are UTF-8; every other bit changes what is
# read.
_HARMLESS_FLAGS = 0x0806


@dataclass(frozen=True, slots=True)
class _Entry:
    method: int
    crc: int
    packed: int
    size: int
    start: int


def write_bundle(path: Path, members: Mapping[str, Content]) -> None:
    """Write the zip at `path`: the same members give the same bytes, however they are cut into pieces.

    The file is written beside `path`, flushed to the disk and put in place by one rename, so that `path` is
    at any time the old file or the whole new one; a second run replaces it. Raises ValueError when the
    members are not exactly those of 14.1, zipfile.LargeZipFile when they do not fit into 4 GiB; then nothing
    is left behind.
    """
    if set(members) != set(MEMBERS):
        raise ValueError(f"not the members of a bundle: {sorted(set(members) ^ set(MEMBERS))}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Nobody else on this machine reads a bundle before it is published.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, allowZip64=False, compresslevel=6
            ) as archive:
                for name in MEMBERS:
                    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                    size, stored = _measure(name, members[name])
                    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                    info.create_system = 3
                    info.external_attr = 0o100644 << 16
                    info.file_size = size
                    with archive.open(info, "w") as member:
                        for piece in pieces_of(members[name]):
                            member.write(piece)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def _measure(name: str, content: Content) -> tuple[int, bool]:
    """The size of a member, and whether packing would break the limit of 14.1: a plan of thousands of
    contests alike. It is stored as it is then.
    """
    size = sum(len(piece) for piece in pieces_of(content))
    if size <= most_unpacked(name, 0):
        return size, False
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = sum(len(packer.compress(piece)) for piece in pieces_of(content)) + len(packer.flush())
    return size, size > most_unpacked(name, packed)


class Bundle(Mapping[str, bytes]):
    """An open bundle whose form has been checked. A member is unpacked each time it is asked for.

    Use it as a context manager: the file stays open, so that it cannot be exchanged between two reads.
    """

    def __init__(self, file: BinaryIO, entries: Mapping[str, _Entry]) -> None:
        self._file = file
        self._entries = entries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> bytes:
        """The member's bytes. Raises Rejected(check="14.1") when they no longer unpack to what was
        announced.
        """
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The same, piece by piece, without holding the member in memory."""
        return _unpack(self._file, name, self._entries[name])

    def digest(self, name: str) -> bytes:
        """SHA-256 of a member, without holding it in memory."""
        hashed = sha256()
        for piece in self.pieces(name):
            hashed.update(piece)
        return hashed.digest()


def read_bundle(path: Path) -> Bundle:
    """Open a bundle and check its form by 14.1: every member is unpacked once and its CRC compared.

    Raises Rejected(check="14.1") naming the member and what is wrong, also for what is no zip, cannot be read
    or is a directory.
    """
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        _refuse("bundle", f"cannot be opened: {_reason(error)}")
    try:
        entries = _entries(file)
        for name, entry in entries.items():
            for _ in _unpack(file, name, entry):
                pass
    except OSError as error:
        file.close()
        _refuse("bundle", f"cannot be read: {_reason(error)}")
    except BaseException:
        file.close()
        raise
    return Bundle(file, entries)


def most_unpacked(name: str, packed: int) -> int:
    """The most bytes that a member of this packed size unpacks to (14.1)."""
    times, free = _UNPACKED.get(name, _TEXT)
    return times * packed + free


def _refuse(where: str, why: str) -> NoReturn:
    raise Rejected(check="14.1", where=where, why=why)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _entries(file: BinaryIO) -> dict[str, _Entry]:
    size = file.seek(0, os.SEEK_END)
    if size < _END.size:
        _refuse("bundle", "not a zip file")
    if size > MAX_MEMBER:
        _refuse("bundle", "larger than a zip without extensions can be")
    # A comment would stand behind the end record: without one it is the last 22 bytes.
    file.seek(size - _END.size)
    magic, disk, first_disk, here, total, length, start, comment = _END.unpack(_exactly(file, _END.size))
    if magic != b"PK\x05\x06" or comment:
        _refuse("bundle", "not a zip file, cut short, or with something behind its end")
    if disk or first_disk or here != total or start + length != size - _END.size:
        _refuse("bundle", "its directory is not where its end record says")
    if total != len(MEMBERS):
        _refuse("bundle", f"{total} members, not {len(MEMBERS)}")
    file.seek(start)
    directory = _exactly(file, length)
    entries: dict[str, _Entry] = {}
    place = position = 0
    for _ in range(total):
        if place + _CENTRAL.size > len(directory):
            _refuse("bundle", "its directory is cut short")
        fields = _CENTRAL.unpack_from(directory, place)
        (magic, _, _, flags, method, _, _, crc, packed, plain, names, extra, comment, disk, _, _, offset) = (
            fields
        )
        raw_name = directory[place + _CENTRAL.size : place + _CENTRAL.size + names]
        place += _CENTRAL.size + names + extra + comment
        if magic != b"PK\x01\x02" or len(raw_name) != names or place > len(directory):
            _refuse("bundle", "its directory is damaged")
        name = raw_name.decode("ascii", "replace")
        if name not in MEMBERS:
            _refuse("bundle", f"a member that does not belong: {name[:60]!r}")
        if name in entries:
            _refuse(name, "occurs twice")
        if extra or comment or disk or flags & ~_HARMLESS_FLAGS:
            _refuse(name, "encrypted, or with a comment or an extension")
        if method not in (_STORED, _DEFLATED):
            _refuse(name, "packed in a way that is neither stored nor deflate")
        if plain > most_unpacked(name, packed):
            _refuse(name, "unpacks to implausibly much")
        if offset != position:
            _refuse(name, "members do not follow each other without a gap")
        begin = _local_header(file, name, raw_name, fields)
        entries[name] = _Entry(method, crc, packed, plain, begin)
        position = begin + packed
    if place != len(directory) or position != start:
        _refuse("bundle", "bytes that belong to no member")
    return entries


def _local_header(file: BinaryIO, name: str, raw_name: bytes, central: tuple[int, ...]) -> int:
    offset = central[-1]
    file.seek(offset)
    magic, _, flags, method, _, _, crc, packed, plain, names, extra = _LOCAL.unpack(
        _exactly(file, _LOCAL.size)
    )
    if magic != b"PK\x03\x04" or extra or names != len(raw_name) or _exactly(file, names) != raw_name:
        _refuse(name, "its header is damaged or not the one of the directory")
    if (flags, method, crc, packed, plain) != (central[3], central[4], central[7], central[8], central[9]):
        _refuse(name, "its header differs from the directory")
    return int(offset) + _LOCAL.size + int(names)


def _exactly(file: BinaryIO, length: int) -> bytes:
    raw = file.read(length)
    if len(raw) != length:
        _refuse("bundle", "cut short")
    return raw


def _unpack(file: BinaryIO, name: str, entry: _Entry) -> Iterator[bytes]:
    """The member in chunks; what comes out is counted, so that at most one chunk more than announced is ever
    made.
    """
    deflated = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
    crc = count = taken = 0
    pending = b""
    while True:
        if not pending and taken < entry.packed:
            file.seek(entry.start + taken)
            pending = _exactly(file, min(_CHUNK, entry.packed - taken))
            taken += len(pending)
        if deflated is None:
            chunk, pending = pending, b""
        else:
            try:
                chunk = deflated.decompress(pending, _CHUNK)
            except zlib.error:
                _refuse(name, "does not unpack")
            pending = deflated.unconsumed_tail
            if deflated.unused_data or (deflated.eof and taken < entry.packed):
                _refuse(name, "bytes behind its packed form")
        count += len(chunk)
        if count > entry.size:
            _refuse(name, "unpacks to more than announced")
        crc = zlib.crc32(chunk, crc)
        if chunk:
            yield chunk
        if not pending and taken == entry.packed and not chunk:
            break
        if deflated is not None and deflated.eof:
            break
        if deflated is None and taken == entry.packed:
            break
    if deflated is not None and not deflated.eof:
        _refuse(name, "does not unpack: cut short")
    if count != entry.size or crc != entry.crc:
        _refuse(name, "damaged: its length or checksum is wrong")
