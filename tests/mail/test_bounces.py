"""Letters that came back are read as they are written, and rubbish is counted, never a crash."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.mail import bounces
from surveys.mail.bounces import Bounce, Mailbag, read_bounces
from surveys.mail.errors import UnreadableMailbox
from tests.mail.letters import (
    ABSENT,
    DELAYED,
    DELIVERED,
    EXCHANGE,
    EXPIRED,
    FORWARDED,
    ORIGINAL,
    POSTFIX,
    QMAIL,
    block,
    report,
)
from tests.pace import within

FROM_POSTFIX = Bounce(
    "voter7@huyen.example.vn",
    "5.1.1",
    ORIGINAL,
    "550 5.1.1 <voter7@huyen.example.vn>: Recipient address rejected: User unknown in virtual mailbox table",
)
FROM_EXCHANGE = Bounce(
    "voter8@so.example.vn",
    "5.1.10",
    ORIGINAL,
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient voter8@so.example.vn not found by SMTP address "
    "lookup",
)
GIVEN_UP = Bounce("voter10@example.vn", "4.4.1", ORIGINAL, "connection timed out")
OTHERS = (DELAYED, DELIVERED, ABSENT, QMAIL, FORWARDED)


def _mbox(folder: Path, *letters: str | bytes, line_end: bytes = b"\n") -> Path:
    path = folder / "mbox"
    raw = [letter.encode() if isinstance(letter, str) else letter + b"\n" for letter in letters]
    path.write_bytes(
        b"".join(b"From MAILER-DAEMON Mon Mar  2 08:30:00 2026\n" + one + b"\n" for one in raw).replace(
            b"\n", line_end
        )
    )
    return path


def _folder(folder: Path, *letters: str | bytes) -> Path:
    path = folder / "letters"
    path.mkdir()
    for number, letter in enumerate(letters):
        raw = letter.encode() if isinstance(letter, str) else letter
        (path / f"{number:03}.eml").write_bytes(raw)
    return path


def _one(folder: Path, letter: str | bytes) -> Mailbag:
    path = folder / "one.eml"
    path.write_bytes(letter.encode() if isinstance(letter, str) else letter)
    return read_bounces(path)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_an_mbox_is_read_letter_by_letter(tmp_path: Path, line_end: bytes) -> None:
    path = _mbox(tmp_path, POSTFIX, *OTHERS, EXCHANGE, EXPIRED, line_end=line_end)
    assert read_bounces(path) == Mailbag((FROM_POSTFIX, FROM_EXCHANGE, GIVEN_UP), len(OTHERS), 0, False)


def test_a_line_of_text_that_begins_with_from_does_not_cut_a_letter(tmp_path: Path) -> None:
    words = "This is the mail system at host mail.tinh.example.vn.\n"
    assert read_bounces(
        _mbox(tmp_path, POSTFIX.replace(words, words + "From here on it failed.\n"))
    ) == Mailbag((FROM_POSTFIX,), 0, 0, False)
    cut = read_bounces(_mbox(tmp_path, POSTFIX.replace(words, words + "\nFrom here on it failed.\n")))
    assert cut == Mailbag((), 2, 0, False)


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    path = _folder(tmp_path, EXCHANGE, ABSENT, POSTFIX.replace("\n", "\r\n"))
    (path / "notes.txt").write_text(POSTFIX)
    (path / "folder.eml").mkdir()
    assert read_bounces(path) == Mailbag((FROM_EXCHANGE, FROM_POSTFIX), 1, 0, False)


def test_one_letter_is_read(tmp_path: Path) -> None:
    assert _one(tmp_path, POSTFIX) == Mailbag((FROM_POSTFIX,), 0, 0, False)


@pytest.mark.parametrize("letter", OTHERS)
def test_a_letter_that_is_no_failure_is_only_counted(tmp_path: Path, letter: str) -> None:
    assert _one(tmp_path, letter) == Mailbag((), 1, 0, False)


@pytest.mark.parametrize("action", ["failed", "FAILED", "failed (permanent)"])
def test_the_action_decides(tmp_path: Path, action: str) -> None:
    assert [bounce.recipient for bounce in _one(tmp_path, report(block(action=action))).bounces] == [
        "voter9@example.vn"
    ]
    assert _one(tmp_path, report(block(action="relayed"))).bounces == ()


def test_the_address_that_was_written_to_goes_before_the_one_that_failed(tmp_path: Path) -> None:
    forwarded = block("elsewhere@other.example", more="Original-Recipient: rfc822;voter4@example.vn\n")
    assert _one(tmp_path, report(forwarded)).bounces[0].recipient == "voter4@example.vn"
    assert (
        _one(tmp_path, report(block("elsewhere@other.example"))).bounces[0].recipient
        == "elsewhere@other.example"
    )


def test_a_report_on_several_recipients_tells_of_each(tmp_path: Path) -> None:
    blocks = block("a@example.vn", status="5.2.2"), block("b@example.vn", "delayed"), block("c@example.vn")
    found = _one(tmp_path, report(*blocks)).bounces
    assert [(bounce.recipient, bounce.status) for bounce in found] == [
        ("a@example.vn", "5.2.2"),
        ("c@example.vn", "5.0.0"),
    ]


@pytest.mark.parametrize(
    ("returned", "kind", "original"),
    [
        (f"Message-ID: {ORIGINAL}\n\nthe text\n", "message/rfc822", ORIGINAL),
        (f"message-id:\n {ORIGINAL}\n", "text/rfc822-headers", ORIGINAL),
        ("Subject: none\n", "text/rfc822-headers", None),
        ("Message-ID: none\n", "message/rfc822", None),
        (f"Message-ID: {ORIGINAL}\n", "text/plain", None),
        ("", "message/rfc822", None),
        (f"Message-ID: <{'a' * 300}>\n", "message/rfc822", None),
    ],
)
def test_the_original_is_found_or_is_said_to_be_missing(
    tmp_path: Path, returned: str, kind: str, original: str | None
) -> None:
    found = _one(tmp_path, report(block(), returned=returned, kind=kind)).bounces
    assert [(bounce.recipient, bounce.original) for bounce in found] == [("voter9@example.vn", original)]


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("5.7.1", "5.7.1"),
        ("5.7.1 (policy)", "5.7.1"),
        ("", "5.0.0"),
        ("2.0.0", "5.0.0"),
        ("5", "5.0.0"),
        ("5.1.9999", "5.0.0"),
    ],
)
def test_a_status_is_a_status_or_unknown(tmp_path: Path, status: str, read: str) -> None:
    assert _one(tmp_path, report(block(status=status))).bounces[0].status == read


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a b@example.vn", "a@example.vn\x1b[2J", "x400; /S=an", "<script>"]
)
def test_a_recipient_that_is_no_address_is_not_passed_on(tmp_path: Path, recipient: str) -> None:
    assert _one(tmp_path, report(block(recipient), block("voter5@example.vn"))).bounces == (
        Bounce("voter5@example.vn", "5.0.0", ORIGINAL, ""),
    )


def test_the_reason_is_one_line_without_signs_that_steer_a_terminal(tmp_path: Path) -> None:
    reason = "Diagnostic-Code: smtp; 550 \x1b]0;owned\x07 no\n\t\u202euser" + "!" * 1000 + "\n"
    said = _one(tmp_path, report(block(more=reason))).bounces[0].sentence
    assert said.startswith("550 ]0;owned no ")
    assert len(said) == 300
    assert said.isprintable()


def test_a_letter_that_is_too_large_is_counted_and_the_next_is_read(tmp_path: Path) -> None:
    large = POSTFIX + "x" * 70 * 10_000 + "\n"
    assert read_bounces(_mbox(tmp_path, large, EXCHANGE)) == Mailbag((FROM_EXCHANGE,), 0, 1, False)
    assert read_bounces(_folder(tmp_path, large, EXCHANGE)) == Mailbag((FROM_EXCHANGE,), 0, 1, False)
    just_fits = POSTFIX + "x" * (bounces.MOST_BYTES - len(POSTFIX.encode()))
    assert _one(tmp_path, just_fits).bounces == (FROM_POSTFIX,)
    assert _one(tmp_path, just_fits + "x") == Mailbag((), 0, 1, False)


def test_reading_stops_at_the_limit_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _mbox(tmp_path, *[EXPIRED] * 4)
    monkeypatch.setattr(bounces, "MOST_LETTERS", 3)
    assert read_bounces(path) == Mailbag((GIVEN_UP,) * 3, 0, 0, True)
    monkeypatch.setattr(bounces, "MOST_LETTERS", 4)
    assert read_bounces(path) == Mailbag((GIVEN_UP,) * 4, 0, 0, False)


def test_a_report_on_more_recipients_than_a_message_of_ours_has_is_not_believed(tmp_path: Path) -> None:
    assert _one(tmp_path, report(*[block()] * 101)) == Mailbag((), 0, 1, False)
    assert len(_one(tmp_path, report(*[block()] * 100)).bounces) == 100


def test_a_letter_that_may_not_be_opened_does_not_stop_the_others(tmp_path: Path) -> None:
    path = _folder(tmp_path, POSTFIX, EXCHANGE)
    os.mkfifo(path / "002.eml")
    (path / "003.eml").symlink_to(path / "nowhere.eml")
    assert len(read_bounces(path).bounces) == 2


@pytest.mark.parametrize(
    "nested",
    [
        "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(200))
        + "\n" * 400_000,
        "Content-Type: message/rfc822\n\n" * 10_000,
    ],
    ids=["parts", "letters"],
)
def test_letters_in_letters_without_end_are_unreadable_and_cost_little(tmp_path: Path, nested: str) -> None:
    box = _mbox(tmp_path, nested + "message/delivery-status\n", POSTFIX)
    with within(4):  # without the bound on boundaries about ten
        read = read_bounces(box)
    assert read == Mailbag((FROM_POSTFIX,), 0, 1, False)


def test_a_report_with_as_many_boundaries_as_is_allowed_is_read(tmp_path: Path) -> None:
    more = "boundary\n" * (20 - POSTFIX.count("boundary"))
    assert _one(tmp_path, POSTFIX + more).bounces == (FROM_POSTFIX,)
    assert _one(tmp_path, POSTFIX + more + "boundary\n") == Mailbag((), 0, 1, False)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\x00" * 5000,
        b"\xff\xfe\x00F\x00r\x00o\x00m",
        b"Content-Type: multipart/report; boundary*=x\x00''%00\n\n--\n",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno boundary\n",
        b"Content-Type: message/delivery-status\n\n\n\n\nAction\n: failed\n",
        b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n////\n",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: x-uuencode\n\nbegin 666\n",
        b'Subject: =?utf-7?q?+?=\nContent-Type: text/plain; charset="\x80"\n\n\x80',
    ],
)
def test_rubbish_is_counted_and_what_follows_is_read(tmp_path: Path, rubbish: bytes) -> None:
    said = b"\nmessage/delivery-status\n"  # so that it is parsed at all
    read = read_bounces(_mbox(tmp_path, rubbish, rubbish + said, POSTFIX))
    assert read.bounces == (FROM_POSTFIX,)
    assert read.others + read.unreadable == 2


@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 40))
def test_a_damaged_letter_never_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: int
) -> None:
    chance = random.Random(seed)
    raw = bytearray(chance.choice((POSTFIX, EXCHANGE, DELAYED)).encode())
    for _ in range(cuts):
        place = chance.randrange(len(raw))
        raw[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    read = read_bounces(_folder(tmp_path_factory.mktemp("damaged"), bytes(raw), EXPIRED))
    assert read.bounces[-1] == GIVEN_UP
    assert all(bounce.sentence.isprintable() and "@" in bounce.recipient for bounce in read.bounces)


def test_what_is_no_mailbox_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("Dear Sir")
    with pytest.raises(UnreadableMailbox, match="notes: not an mbox file"):
        read_bounces(tmp_path / "notes")
    with pytest.raises(UnreadableMailbox, match="nothing: there is no such"):
        read_bounces(tmp_path / "nothing")


def test_an_empty_mailbox_is_a_mailbox(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name in ("empty", "folder"):
        assert read_bounces(tmp_path / name) == Mailbag((), 0, 0, False)
