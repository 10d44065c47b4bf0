"""The members that are no JSON: every line of checkpoint and minutes, every field of a ballot, the board's
own form.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES, decode_ballot, row_size
from surveys.protocol.group import BASE, ORDER, Point
from surveys.protocol.secret.encrypt import SealedBody, sign_body
from surveys.protocol.transcript import digest
from tests.audit.build import Vote, a_vote, board_bytes, in_order
from tests.audit.closing import certified
from tests.audit.verdicts import QUICK, failed

LINES = {0: "10.2", 1: "10.2", 2: "10.2", 3: "10.2", 4: "10.2", 5: "10.3", 6: "10.4", 7: "10.4", 8: "10.4"}


def _lines(vote: Vote) -> list[str]:
    return vote.members["checkpoint.txt"].decode().split("\n")[:-1]


def _with_lines(vote: Vote, lines: list[str]) -> dict[str, bytes]:
    return {**vote.members, "checkpoint.txt": "".join(f"{line}\n" for line in lines).encode()}


@pytest.mark.parametrize("line", LINES)
def test_a_dropped_doubled_or_longer_line_of_the_checkpoint_is_refused_by_its_check(
    line: int, tmp_path: Path
) -> None:
    vote = a_vote()
    lines = _lines(vote)
    assert len(lines) == len(LINES)
    longer = [*lines[:line], lines[line] + "x", *lines[line + 1 :]]
    assert failed(_with_lines(vote, longer), tmp_path, QUICK)[0] == "10.2"
    dropped = lines[:line] + lines[line + 1 :]
    # Two of the three cosignatures are enough.
    assert failed(_with_lines(vote, dropped), tmp_path, QUICK)[:1] == ((LINES[line],) if line < 6 else ())
    doubled = lines[: line + 1] + lines[line:]
    # A second line by the box is one name twice, which 10.4 forbids; before the signatures it is another
    # text.
    assert failed(_with_lines(vote, doubled), tmp_path, QUICK)[0] == ("10.4" if line > 4 else "10.2")


@pytest.mark.parametrize(("line", "check"), [(5, "10.3"), (6, "10.4"), (7, "10.4")])
@pytest.mark.parametrize("part", ["name", "key id", "R", "S"])
def test_every_part_of_a_signature_line_is_refused_by_its_check(
    line: int, check: str, part: str, tmp_path: Path
) -> None:
    vote = a_vote()
    lines = _lines(vote)
    dash, name, blob = lines[line].split(" ")
    raw = bytearray(base64.b64decode(blob))
    if part == "name":
        name += "0"
    else:
        raw[{"key id": 0, "R": 10, "S": 50}[part]] ^= 1
    lines[line] = f"{dash} {name} {base64.b64encode(raw).decode()}"
    assert failed(_with_lines(vote, lines), tmp_path, QUICK)[0] == check


def test_cosignatures_in_another_order_say_the_same(tmp_path: Path) -> None:
    vote = a_vote()
    *rest, one, two = _lines(vote)
    assert failed(_with_lines(vote, [*rest, two, one]), tmp_path, QUICK) == ()


def test_another_size_root_origin_and_manifest_are_refused_by_10_2(tmp_path: Path) -> None:
    vote = a_vote()
    lines = _lines(vote)
    for line, text in (
        (0, lines[0][:-1] + ("0" if lines[0][-1] != "0" else "1")),
        (1, "16"),
        (2, base64.b64encode(bytes(32)).decode()),
        (3, f"manifest {bytes(32).hex()}"),
    ):
        altered = [*lines[:line], text, *lines[line + 1 :]]
        assert failed(_with_lines(vote, altered), tmp_path, QUICK)[0] == "10.2"


def test_every_line_of_the_minutes_is_held_by_a_check(tmp_path: Path) -> None:
    vote = a_vote()
    lines = vote.members["minutes.txt"].decode().split("\n")
    for i, line in enumerate(lines):
        for altered in (
            [*lines[:i], line + ".", *lines[i + 1 :]],
            [*lines[:i], *lines[i + 1 :]],
            [*lines[:i], line, *lines[i:]],
        ):
            members = {**vote.members, "minutes.txt": "\n".join(altered).encode()}
            assert failed(members, tmp_path, QUICK) == ("13.5", "13.6"), line


def test_the_text_of_the_minutes_says_how_many_slips_were_replaced_and_names_the_roll() -> None:
    vote = a_vote()
    minutes, text = json.loads(vote.members["minutes.json"]), vote.members["minutes.txt"].decode().split("\n")
    assert minutes["replaced"] == 1
    assert "Giấy mời được thay / Slips replaced: 1" in text
    assert f"Mã danh sách / Roll: {sha256(vote.members['roll.json']).hexdigest()}" in text


LOOK_ALIKES = {
    "a full-width number sign": ("#1 ", "＃1 "),
    "a zero-width space": ("#1 ", "\u200b#1 "),
    "a NUL": ("#1 ", "\x00#1 "),
    "a right-to-left mark": ("returned", "\u202ereturned"),
    "a letter of another alphabet": ("returned", "r\u0435turned"),
    "the same letters, decomposed": ("Chủ trì", "Chu\u0309 tri\u0300"),
    "a byte order mark": ("ĐẢNG", "\ufeffĐẢNG"),
    "carriage returns": ("\n", "\r\n"),
    "a space at a line's end": ("\n", " \n"),
    "no last line feed": ("THƯ KÝ / SECRETARY\n", "THƯ KÝ / SECRETARY"),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_text_that_only_looks_the_same_is_refused_though_t_members_signed_it(
    name: str, tmp_path: Path
) -> None:
    vote = a_vote()
    text = vote.members["minutes.txt"].decode()
    altered = text.replace(*LOOK_ALIKES[name])
    assert altered != text
    members = {**vote.members, "minutes.txt": altered.encode()}
    members["certificate.json"] = certified(vote.manifest, vote.plan, members, vote.sheets[:2])
    assert failed(members, tmp_path, QUICK) == ("13.5",)


@pytest.mark.parametrize("separator", ["\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_line_that_only_some_viewers_begin_is_a_line(separator: str, tmp_path: Path) -> None:
    vote = a_vote()
    forged = vote.members["minutes.txt"].decode() + separator + "#1 Nguyễn Văn L-1; BLOC; withheld"
    assert failed({**vote.members, "minutes.txt": forged.encode()}, tmp_path, QUICK)[0] == "13.5"


def test_minutes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    vote = a_vote()
    assert failed({**vote.members, "minutes.txt": b"\xff"}, tmp_path, QUICK)[0] == "13.5"


def _regions(panel_contests: int, levels: int) -> Iterator[tuple[str, int, int]]:
    """(name, start, length) of every field of a body (8.1)."""
    yield from (("magic", 0, 4), ("manifest", 4, 32), ("panel", 36, 4), ("key", 40, 32), ("sequence", 72, 4))
    for row in range(panel_contests):
        at = HEADER + row * row_size(levels)
        names = ["alpha", "beta"]
        names += [f"{name}{j}" for j in range(levels + 1) for name in "ab"]
        names += [f"c{j}" for j in range(1, levels + 1)] + [f"z{j}" for j in range(levels + 1)]
        for i, name in enumerate(names):
            yield f"{row}.{name}", at + 32 * i, 32


def _altered(name: str, raw: bytes) -> dict[str, bytes]:
    """What may stand in a field: another value of its kind, and what is none."""
    if len(raw) == 4:
        # Panel 1 for 0, sequence 3 for 1 and 4 for 2.
        number = int.from_bytes(raw, "big")
        return {"another": (number + 2 if name == "sequence" else number ^ 1).to_bytes(4, "big")}
    if "." not in name:
        return {"another": bytes([raw[0] ^ 1]) + raw[1:]}
    number = int.from_bytes(raw, "little")
    if name.split(".")[1][0] in "cz":
        high = (number + ORDER).to_bytes(32, "little")
        return {"another": ((number + 1) % ORDER).to_bytes(32, "little"), "not below the order": high}
    point = Point.decode(raw, check="", where="")
    return {
        "another": (point + BASE).encode(),
        "identity": bytes(32),
        "bit 255": raw[:31] + bytes([raw[31] | 0x80]),
        "negative": bytes([raw[0] | 1]) + raw[1:],
        "not below the field": (2**255 - 19).to_bytes(32, "little"),
        # RFC 9496 A.3: x² is no square.
        "no point": bytes.fromhex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
    }


def test_every_field_of_a_ballot_is_refused_by_its_check_with_and_without_its_key(tmp_path: Path) -> None:
    """Without the ballot key its signature fails; who holds the key signs again, and the check of the field
    refuses.
    """
    vote = a_vote()
    # One of the first panel: the second has as many contests, so that its number decodes in its place.
    ballot = next(b for b in (decode_ballot(raw, vote.manifest) for raw in vote.ballots) if b.panel == 0)
    paper = next(paper for paper in vote.papers[0] if paper.token == ballot.token)
    others = [raw for raw in vote.ballots if raw != ballot.raw]
    contests = len(vote.definition.panels[ballot.panel].contests)
    # Everybody else's file stays as it was: the root and all that follows from it fail too, but later.
    tried = 0
    for name, start, length in _regions(contests, 3):
        for deed, value in _altered(name, ballot.body[start : start + length]).items():
            body = ballot.body[:start] + value + ballot.body[start + length :]
            if deed != "another" and name.startswith(tuple("123456789")):
                continue  # a form that the first row is refused for is refused by the same line in every row
            malformed = name in ("magic", "manifest") or deed != "another"
            # The token is over panel and key.
            held = "8.3" if name in ("panel", "key") else None
            for signed, check in ((False, "8.4"), (True, "8.5")):
                signature = ballot.token + ballot.signature
                raw = (
                    sign_body(SealedBody(body, (), ()), paper.seed, ballot.token)
                    if signed
                    else body + signature
                )
                own = "8.2" if malformed else held or check
                board = _sorted([*others, raw])
                found = failed({**vote.members, "board.bin": board_bytes(board)}, tmp_path, QUICK)
                assert found[0] == own, (name, deed, signed, found)
                assert "10.2" in found
                tried += 1
    assert tried > 100


def _sorted(ballots: list[bytes]) -> list[bytes]:
    return sorted(ballots, key=lambda raw: digest("ballot/digest", raw[: -TOKEN_BYTES - SIGNATURE_BYTES]))


def test_token_and_signature_bytes_are_refused_by_their_checks(tmp_path: Path) -> None:
    vote = a_vote()
    raw = vote.ballots[0]
    body = len(raw) - TOKEN_BYTES - SIGNATURE_BYTES
    for check, start, length in (("8.3", body, TOKEN_BYTES), ("8.4", body + TOKEN_BYTES, SIGNATURE_BYTES)):
        for at in range(start, start + length, 9):
            altered = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            members = {**vote.members, "board.bin": board_bytes([altered, *vote.ballots[1:]])}
            found = failed(members, tmp_path, QUICK)
            # A token changes what the ballot key signed too; either way the board has another root.
            assert found[0] == check
            assert "10.2" in found


def test_a_board_that_cannot_be_cut_into_ballots_is_refused_by_8_2(tmp_path: Path) -> None:
    vote = a_vote()
    board = vote.members["board.bin"]
    for altered in (
        board[:-1],
        board + b"\0",
        board + b"\0\0\0\0",
        b"\xff\xff\xff\xff" + board[4:],
        board[4:],
        b"\0",
    ):
        assert failed({**vote.members, "board.bin": altered}, tmp_path)[0] == "8.2"


def test_ballots_in_another_order_doubled_and_dropped_are_refused(tmp_path: Path) -> None:
    vote = a_vote()
    first, second, *rest = vote.ballots
    for board, check in (
        ([second, first, *rest], "10.1"),
        ([first, first, second, *rest], "10.1"),
        ([second, *rest], "10.2"),
        ([], "10.2"),
    ):
        found = failed({**vote.members, "board.bin": board_bytes(board)}, tmp_path, QUICK)
        assert found[0] == check
    assert in_order(vote.manifest, [*rest, second, first]) == vote.ballots
