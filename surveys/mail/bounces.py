"""Mail that came back: delivery status notifications (RFC 3464) out of an mbox file or a folder of .eml
files.

Read are reports whose `Action` is `failed`: the server has given up. Delays, acknowledgements, absence notes
and reports in no standard form are counted, not guessed at. Danger: anybody may write to the sender's
mailbox, so a bounce is a claim. Believe it only where `original` is the Message-ID of a message that was
sent: it holds 128 random bits. And the mailbox may hold any rubbish: every message is read in bounds of size
and number, and one that cannot be read is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message as Letter
from pathlib import Path
from typing import BinaryIO

from surveys.mail.errors import UnreadableMailbox
from surveys.mail.replies import one_line
from surveys.settings import MAIL_ADDRESS

MOST_BYTES = 512 * 1024
MOST_LETTERS = 20_000
MOST_RECIPIENTS = 100
_MOST_BOUNDARIES = 20  # the parser compares every line with every boundary it is inside of
_STATUS = re.compile(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient who will not get one message.

    `recipient` is the address as it was sent to, where the report tells it, else the one that failed in the
    end. `status` is the enhanced status code (RFC 3463): 5.1.1 no such mailbox, 4.x.y given up after trying
    for days, 5.0.0 where none is given. `original` is the Message-ID in angle brackets, None if the report
    does not tell. `sentence` is the failing server's own reason on one line, empty if it gave none.
    """

    recipient: str
    status: str
    original: str | None
    sentence: str


def reasons(bounces: Iterable[Bounce]) -> dict[str, str]:
    """Key of the message that came back → why, on one line: the server's own words, with the status before
    them where they lack it.
    """
    return {
        (each.original or "").strip("<>").partition("@")[0]: each.sentence
        if each.status in each.sentence
        else f"{each.status} {each.sentence}".strip()
        for each in bounces
    }


@dataclass(frozen=True, slots=True)
class Mailbag:
    """What a mailbox holds: bounces in its order, how many letters are something else, how many cannot be
    read.

    `more` says that reading stopped at the limit of letters.
    """

    bounces: tuple[Bounce, ...]
    others: int
    unreadable: int
    more: bool


def read_bounces(mailbox: Path) -> Mailbag:
    """Reads a folder's .eml files by name, or an mbox file, or one .eml file. Changes nothing; may be
    repeated.

    Raises UnreadableMailbox where `mailbox` as a whole is none of these. A letter that cannot be read never
    stops the others.
    """
    bounces: list[Bounce] = []
    others = unreadable = 0
    for number, raw in enumerate(_letters(mailbox)):
        if number == MOST_LETTERS:
            return Mailbag(tuple(bounces), others, unreadable, True)
        try:
            found = None if raw is None else _read(raw)
        except Exception:
            # The parser of the standard library stumbles over some rubbish in ways it does not document,
            # nesting beyond Python's stack among them. A stranger's letter must not stop the reading of all
            # others.
            found = None
        if found is None or len(found) > MOST_RECIPIENTS:
            unreadable += 1
        elif found:
            bounces.extend(found)
        else:
            others += 1
    return Mailbag(tuple(bounces), others, unreadable, False)


def _read(raw: bytes) -> tuple[Bounce, ...] | None:
    """The failures that a letter reports; None for one whose reading would take too long."""
    words = raw.lower()
    if b"message/delivery-status" not in words:
        return ()
    return None if words.count(b"boundary") > _MOST_BOUNDARIES else tuple(_failures(message_from_bytes(raw)))


def _letters(mailbox: Path) -> Iterator[bytes | None]:
    """Each letter's bytes; None for one that is too large or cannot be opened."""
    try:
        if mailbox.is_dir():
            files = sorted(
                path for path in mailbox.iterdir() if path.suffix.lower() == ".eml" and path.is_file()
            )
            yield from map(_letter, files)
            return
        if not mailbox.is_file():
            raise UnreadableMailbox(mailbox.name, "there is no such file or folder")
        with mailbox.open("rb") as file:
            start = file.read(5)
            file.seek(0)
            if start == b"From ":
                yield from _mbox(file)
            elif mailbox.suffix.lower() == ".eml":
                yield _bounded(file)
            elif start:
                raise UnreadableMailbox(mailbox.name, "not an mbox file: it does not begin with “From ”")
    except OSError as error:
        raise UnreadableMailbox(mailbox.name, error.strerror or type(error).__name__) from error


def _letter(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return _bounded(file)
    except OSError:
        return None


def _bounded(file: BinaryIO) -> bytes | None:
    raw = file.read(MOST_BYTES + 1)
    return raw if len(raw) <= MOST_BYTES else None


def _mbox(file: BinaryIO) -> Iterator[bytes | None]:
    """Splits at lines that begin with “From ” after an empty line. Never holds more than one letter's
    bound.
    """
    letter, size, after_empty = bytearray(), 0, False
    file.readline(MOST_BYTES)
    while line := file.readline(MOST_BYTES):
        if after_empty and line.startswith(b"From "):
            yield bytes(letter) if size <= MOST_BYTES else None
            letter, size, after_empty = bytearray(), 0, False
            continue
        size += len(line)
        if size <= MOST_BYTES:
            letter += line
        after_empty = line in {b"\n", b"\r\n"}
    yield bytes(letter) if size <= MOST_BYTES else None


def _failures(letter: Letter) -> Iterator[Bounce]:
    parts = tuple(_parts(letter))
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not reports:
        return
    original = next(
        (found for part in parts if part.get_content_type() in _ORIGINALS if (found := _original(part))), None
    )
    for report in reports:
        for block in _inside(report):
            if _field(block, "Action").split("(")[0].strip().lower() != "failed":
                continue
            recipient = _address(block, "Original-Recipient") or _address(block, "Final-Recipient")
            if recipient:
                status = _STATUS.match(_field(block, "Status"))
                reason = _field(block, "Diagnostic-Code")
                said = reason.partition(";")[2] if re.match(r"[A-Za-z0-9-]+\s*;", reason) else reason
                yield Bounce(recipient, status.group() if status else "5.0.0", original, one_line(said))


def _parts(letter: Letter) -> Iterator[Letter]:
    """The parts of a letter, those of parts in parts too, but not of letters in letters: a bounce that
    somebody forwards is not a bounce to us."""
    if letter.get_content_maintype() == "multipart":
        for part in _inside(letter):
            yield from _parts(part)
    else:
        yield letter


def _inside(letter: Letter) -> Iterator[Letter]:
    inner = letter.get_payload()
    if isinstance(inner, list):
        yield from (part for part in inner if isinstance(part, Letter))


def _original(part: Letter) -> str | None:
    head = next(_inside(part), None)
    if head is None:
        raw = part.get_payload(decode=True)
        head = message_from_string(raw.decode("ascii", "replace")) if isinstance(raw, bytes) else part
    found = _MESSAGE_ID.search(_field(head, "Message-ID"))
    return found.group() if found else None


def _field(letter: Letter, name: str) -> str:
    return " ".join(str(letter.get(name, "")).split())


def _address(block: Letter, name: str) -> str | None:
    kind, _, address = _field(block, name).partition(";")
    bare = address.strip().removeprefix("<").removesuffix(">")
    return bare if kind.strip().lower() == "rfc822" and MAIL_ADDRESS.fullmatch(bare) else None
