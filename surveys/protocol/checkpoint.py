"""The checkpoint of a board: C2SP tlog-checkpoint in a C2SP signed note (docs/protocol.md 10.2-10.4).

A text that people and other tools can read. Danger: the body is signed byte for byte, so parsing is strict:
formatting a parsed note gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from surveys.protocol import signature
from surveys.protocol.errors import Malformed, Missing

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+]{1,200}")
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, number of leaves, root (32 bytes), extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> bytes:
        """The signed text: each line ends in a line feed."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions)).encode()


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signer's name, the four bytes that tell its key, and 64 bytes of Ed25519."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the signatures under it, in order."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """The note: body, empty line, a line a signature."""
        lines = []
        for each in self.signatures:
            encoded = base64.b64encode(each.key_id + each.signature).decode("ascii")
            lines.append(f"— {each.name} {encoded}\n")
        return self.checkpoint.body() + b"\n" + "".join(lines).encode()

    def check_signature(self, name: str, key: bytes, *, check: str) -> None:
        """The signature under this name holds for this key. Raises Missing or BadSignature."""
        where = f"checkpoint.signatures[{name}]"
        for each in self.signatures:
            if each.name == name and each.key_id == key_id(name, key):
                signature.verify(key, self.checkpoint.body(), each.signature, check=check, where=where)
                return
        raise Missing(check=check, where=where, why="there is no signature by this key")


def key_id(name: str, key: bytes) -> bytes:
    """The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key)."""
    return sha256(name.encode() + b"\n" + _ED25519 + key).digest()[:4]


def note_signature(name: str, key: bytes, signed: bytes) -> NoteSignature:
    """A signature line from a signer's public key and its 64 bytes over the body."""
    return NoteSignature(name, key_id(name, key), signed)


def sign_off(checkpoint: Checkpoint, signatures: Sequence[NoteSignature]) -> SignedCheckpoint:
    """The note of this checkpoint."""
    return SignedCheckpoint(checkpoint, tuple(signatures))


def decode_checkpoint(raw: bytes) -> SignedCheckpoint:
    """Parse strictly. Raises Malformed(check="10.2")."""

    def refuse(why: str, where: str = "checkpoint") -> Malformed:
        return Malformed(check="10.2", where=where, why=why)

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("not UTF-8") from None
    if len(raw) > 64 * 1024 or any(ord(c) < 32 and c != "\n" for c in text):
        raise refuse("too long, or holds control characters")
    body, separator, notes = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or not notes.endswith("\n") or any(not line for line in lines):
        raise refuse("not a signed note")
    if not _SIZE.fullmatch(lines[1]):
        raise refuse("not a number of leaves", "checkpoint.size")
    root = _base64(lines[2], 32, "checkpoint.root")
    signatures = tuple(_signature(line, i) for i, line in enumerate(notes[:-1].split("\n")))
    note = SignedCheckpoint(Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:])), signatures)
    if note.encode() != raw:
        raise refuse("not in its one form")
    return note


def _signature(line: str, i: int) -> NoteSignature:
    where = f"checkpoint.signatures[{i}]"
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not _NAME.fullmatch(parts[1]):
        raise Malformed(check="10.2", where=where, why="not a signature line")
    blob = _base64(parts[2], 68, where)
    return NoteSignature(parts[1], blob[:4], blob[4:])


def _base64(text: str, length: int, where: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != length or base64.b64encode(raw).decode("ascii") != text:
        raise Malformed(check="10.2", where=where, why=f"not {length} bytes in base64")
    return raw
