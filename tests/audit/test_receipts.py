"""A receipt is evidence: judged with the board, it tells counted from replaced from missing (docs/protocol.md
9.5).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.audit.bundle import write_bundle
from surveys.audit.receipts import SealedBoard, Verdict, find_receipt, judge, read_sealed_board
from surveys.cli import main
from surveys.protocol.ballot import Ballot, decode_ballot
from surveys.protocol.errors import BadSignature, Inconsistent, Malformed, Missing
from surveys.protocol.receipt import Promise
from surveys.protocol.secret import receipt_key
from tests.audit.build import Vote, a_vote


def promised(vote: Vote, digest: bytes, key: bytes, sequence: int) -> Promise:
    signed = receipt_key.sign_receipt(vote.box_seed, vote.manifest.hash, digest, key, sequence)
    return Promise(vote.manifest.hash, digest, key, sequence, signed)


def ballots_of(vote: Vote) -> list[Ballot]:
    return [decode_ballot(raw, vote.manifest) for raw in vote.ballots]


def board_of(vote: Vote, folder: Path) -> SealedBoard:
    write_bundle(folder / "bundle.zip", vote.members)
    return read_sealed_board(folder / "bundle.zip")


def test_a_receipt_of_a_ballot_on_the_board_is_counted_at_its_place(tmp_path: Path) -> None:
    vote = a_vote()
    board = board_of(vote, tmp_path)
    for i, ballot in enumerate(sorted(ballots_of(vote), key=lambda each: each.digest), 1):
        found = judge(promised(vote, ballot.digest, ballot.key, ballot.sequence), board)
        assert (found.verdict, found.place, found.size) == (Verdict.COUNTED, i, len(vote.ballots))


def test_a_receipt_that_a_later_ballot_of_its_key_replaced_is_told_from_a_dropped_one(tmp_path: Path) -> None:
    vote = a_vote()
    board = board_of(vote, tmp_path)
    later = max(ballots_of(vote), key=lambda each: each.sequence)
    earlier = promised(vote, b"1" * 32, later.key, later.sequence - 1)
    assert judge(earlier, board).verdict is Verdict.REPLACED
    # A ballot of another key, or none that is later, does not excuse the box.
    assert judge(promised(vote, b"1" * 32, b"2" * 32, 1), board).verdict is Verdict.MISSING
    assert judge(promised(vote, b"1" * 32, later.key, later.sequence), board).verdict is Verdict.MISSING


def test_a_receipt_that_the_box_did_not_sign_is_no_evidence(tmp_path: Path) -> None:
    vote = a_vote()
    board = board_of(vote, tmp_path)
    good = promised(vote, b"1" * 32, b"2" * 32, 1)
    for change in ({"digest": b"3" * 32}, {"key": b"3" * 32}, {"sequence": 2}):
        assert judge(replace(good, **change), board).verdict is Verdict.FORGED
    assert judge(replace(good, manifest=b"4" * 32), board).verdict is Verdict.ANOTHER


def test_a_board_that_the_box_did_not_sign_judges_nothing(tmp_path: Path) -> None:
    """The twin: without this a server could show a fuller board to whoever complains."""
    vote = a_vote()
    fewer = vote.members["board.bin"]
    fewer = fewer[4 + int.from_bytes(fewer[:4], "big") :]
    write_bundle(tmp_path / "fewer.zip", {**vote.members, "board.bin": fewer})
    with pytest.raises(Inconsistent) as refusal:
        read_sealed_board(tmp_path / "fewer.zip")
    assert refusal.value.check == "10.2"
    other = a_vote("second")
    write_bundle(tmp_path / "other.zip", {**vote.members, "manifest.json": other.members["manifest.json"]})
    with pytest.raises((BadSignature, Inconsistent, Missing)):
        read_sealed_board(tmp_path / "other.zip")


def test_the_receipt_is_found_in_a_saved_page_and_only_if_there_is_one() -> None:
    vote = a_vote()
    one, two = (promised(vote, bytes([i]) * 32, b"2" * 32, 1) for i in (1, 2))
    assert find_receipt(f"<pre>{one.write()}</pre> and again {one.write()}") == one
    for text in ("", "TNR1.abc", f"{one.write()} {two.write()}", one.write() + "A"):
        with pytest.raises(Malformed) as refusal:
            find_receipt(text)
        assert refusal.value.check == "9.5"


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Counted", "MISSING")), ("vi", ("Đã được tính", "THIẾU"))]
)
def test_the_command_says_what_to_do(tmp_path: Path, language: str, words: tuple[str, str]) -> None:
    vote = a_vote()
    bundle, page = tmp_path / "bundle.zip", tmp_path / "receipt.html"
    write_bundle(bundle, vote.members)
    ballot = ballots_of(vote)[0]
    page.write_text(f"<p>{promised(vote, ballot.digest, ballot.key, ballot.sequence).write()}</p>", "utf-8")
    said = CliRunner().invoke(main, ["check-receipt", str(page), str(bundle), "--lang", language])
    assert (said.exit_code, words[0] in said.output) == (0, True), said.output
    dropped = promised(vote, b"1" * 32, b"2" * 32, 1).write()
    said = CliRunner().invoke(main, ["check-receipt", dropped, str(bundle), "--lang", language])
    assert (said.exit_code, words[1] in said.output) == (1, True), said.output
    said = CliRunner().invoke(main, ["check-receipt", "nothing.html", str(bundle)])
    assert said.exit_code == 1
