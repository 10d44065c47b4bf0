"""A voter's way over HTTP (docs/protocol.md §15), against a real server and real stores."""

from __future__ import annotations

import http.client
import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import create_voter_app
from surveys.box import gate
from surveys.box.board import returned
from surveys.box.open_box import OpenBox
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.receipt import check_receipt
from surveys.protocol.secret.slip_key import slip_key
from surveys.protocol.transcript import transcript, u32
from surveys.roll import slips
from surveys.roll.attendance import attendance
from surveys.roll.desk import Desk
from surveys.roll.listing import Voter
from surveys.settings import Settings
from surveys.stores.exhibits import Exhibits
from surveys.stores.told import Answer, Notice, Told
from surveys.web import wire
from tests.box.build import SURVEY, Vote, a_vote, stream
from tests.journeys.polls import open_polls
from tests.served import served

SIZES = (6, 5)


@dataclass
class Polls:
    """Open polls behind a real server."""

    vote: Vote
    port: int

    def ask(self, method: str, way: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, f"/{SURVEY.hex()}{way}", body)
        answer = connection.getresponse()
        read = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        assert "set-cookie" not in headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        return answer.status, read

    def refused(self, method: str, way: str, body: bytes | None = None) -> tuple[int, str, str | None]:
        status, raw = self.ask(method, way, body)
        said = json.loads(raw)
        assert set(said) == {"error", "check", "vi", "en"}
        return status, said["error"], said["check"]


def wired(request: IssueRequest) -> bytes:
    """The bytes of 15.3."""
    return u32(request.panel) + request.slip + request.blinded + request.signature


@pytest.fixture
def polls(tmp_path: Path) -> Iterator[Polls]:
    vote = a_vote(tmp_path / "stores", SIZES)
    survey = SURVEY.hex()
    app = create_voter_app(
        Settings(),
        {survey: Desk(vote.manifest.hash, vote.roll, vote.keys())},
        {survey: OpenBox(vote.manifest, vote.box, vote.box_key)},
        {survey: Exhibits(tmp_path / "exhibits")},
    )
    with served(app) as port:
        yield Polls(vote, port)
    vote.stores.close()


def test_a_paper_is_issued_and_a_ballot_returned_with_a_receipt(polls: Polls) -> None:
    vote, voter = polls.vote, polls.vote.voters[0]
    assert polls.ask("GET", "/manifest") == (200, vote.manifest.encode())
    status, answer = polls.ask("POST", "/issue", wired(voter.request))
    assert (status, len(answer)) == (200, 256)
    status, receipt = polls.ask("POST", "/cast", voter.first)
    digest = decode_ballot(voter.first, vote.manifest).digest
    assert (status, receipt[:32]) == (200, digest)
    check_receipt(vote.manifest.definition.box_key, vote.manifest.hash, digest, receipt[32:])
    assert json.loads(polls.ask("GET", f"/tracker/{digest[:10].hex()}")[1]) == {"where": "box"}
    assert json.loads(polls.ask("GET", f"/tracker/{bytes(10).hex()}")[1]) == {"where": "nowhere"}


def test_the_same_bytes_again_get_the_same_answer(polls: Polls) -> None:
    voter = polls.vote.voters[0]
    assert len({polls.ask("POST", "/issue", wired(voter.request)) for _ in range(3)}) == 1
    assert len({polls.ask("POST", "/cast", voter.first) for _ in range(3)}) == 1
    assert polls.refused("POST", "/issue", wired(voter.second_request)) == (409, "SecondBlindedMessage", None)


def test_only_who_holds_a_slip_learns_its_panel(polls: Polls) -> None:
    vote = polls.vote
    people = [Voter(p, f"{p}-{i}") for p, size in enumerate(SIZES) for i in range(size)]
    made = slips.make_slips(SURVEY, people, stream("slips"))
    for slip in (made[0], made[-1]):
        key = slip_key(slip.code, SURVEY)
        signed = key.sign(transcript("panel", vote.manifest.hash, key.public))
        assert polls.ask("POST", "/panel", key.public + signed) == (200, u32(slip.voter.panel))
        assert polls.refused("POST", "/panel", key.public + bytes(64))[1:] == ("BadSignature", "15.2")
    stranger = slip_key(bytes(10), SURVEY)
    signed = stranger.sign(transcript("panel", vote.manifest.hash, stranger.public))
    assert polls.refused("POST", "/panel", stranger.public + signed)[1] == "UnknownSlip"


def test_eight_at_once_get_one_paper_and_one_ballot(polls: Polls) -> None:
    voter = polls.vote.voters[1]
    with ThreadPoolExecutor(8) as pool:
        papers = list(pool.map(lambda _: polls.ask("POST", "/issue", wired(voter.request)), range(8)))
        receipts = list(pool.map(lambda _: polls.ask("POST", "/cast", voter.first), range(8)))
    assert len(set(papers)) == len(set(receipts)) == 1
    assert papers[0][0] == receipts[0][0] == 200
    assert [panel.issued for panel in attendance(polls.vote.roll)] == [1, 0]
    assert returned(polls.vote.box, len(SIZES)) == (1, 0)


def flipped(raw: bytes, at: int) -> bytes:
    changed = bytearray(raw)
    changed[at] ^= 1
    return bytes(changed)


def test_each_kind_of_bad_ballot_has_its_own_error_and_nothing_is_stored(polls: Polls) -> None:
    good = polls.vote.voters[0].first
    for raw, said in (
        (b"", (400, "WrongSize", None)),
        (good[:-1], (400, "WrongSize", None)),
        (flipped(good, 0), (400, "Malformed", "8.2")),
        (flipped(good, 10), (400, "Inconsistent", "8.2")),
        (flipped(good, -70), (400, "BadSignature", "8.3")),
        (flipped(good, -1), (400, "BadSignature", "8.4")),
    ):
        status, name, check = polls.refused("POST", "/cast", raw)
        assert (status // 100, name, check) == (4, *said[1:])
    assert returned(polls.vote.box, len(SIZES)) == (0, 0)


def test_a_long_body_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    """The server answers after the header; not one byte of the body has to come."""
    with open_polls(tmp_path, voters=4) as polls:
        port = int(polls.site.rsplit(":", 1)[1])
        for way, length, refused in (("cast", 90_000, True), ("cast", 5_000, False), ("cast", 1 << 40, True)):
            with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
                head = f"POST /b/{SURVEY.hex()}/{way} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
                line.sendall(head.encode())
                if refused:
                    assert b" 413 " in line.recv(64)
                else:
                    with pytest.raises(TimeoutError):  # the twin: a body that may come is waited for
                        line.recv(64)


def test_a_body_over_the_limit_is_cut_off_unread(polls: Polls) -> None:
    assert polls.refused("POST", "/cast", bytes(1 << 20))[:2] == (413, "TooLarge")
    with socket.create_connection(("127.0.0.1", polls.port), timeout=20) as line:
        head = f"POST /{SURVEY.hex()}/cast HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.sendall(head.encode() + b"20000\r\n" + bytes(0x20000) + b"\r\n0\r\n\r\n")
        assert b"413" in line.recv(64)


@pytest.mark.parametrize(
    ("method", "way", "status", "name"),
    [
        ("GET", "/cast", 405, "NotThisWay"),
        ("POST", "/manifest", 405, "NotThisWay"),
        ("POST", "/nothing", 404, "NoSuchPage"),
        ("POST", "/issue", 400, "WrongLength"),
        ("POST", "/panel", 400, "WrongLength"),
        ("GET", "/tracker/xyz", 400, "NotATracker"),
    ],
)
def test_what_is_no_request_is_refused(polls: Polls, method: str, way: str, status: int, name: str) -> None:
    assert polls.refused(method, way, b"abc" if method == "POST" else None)[:2] == (status, name)


def test_another_vote_is_not_served(polls: Polls) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", polls.port, timeout=20)
    for method, way, body in (
        ("GET", "manifest", None),
        ("POST", "issue", bytes(356)),
        ("POST", "cast", b"x"),
    ):
        connection.request(method, f"/{'00' * 16}/{way}", body)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]) in {
            (404, "NotServed"),
            (404, "NoSuchVote"),
        }
    connection.close()


def test_after_the_close_nothing_is_taken(polls: Polls) -> None:
    gate.shut(polls.vote.box)
    assert polls.refused("POST", "/cast", polls.vote.voters[0].first)[1] == "PollsClosed"


def test_nothing_about_a_voter_is_logged(polls: Polls, caplog: pytest.LogCaptureFixture) -> None:
    voter = polls.vote.voters[2]
    with caplog.at_level(logging.DEBUG):
        polls.ask("POST", "/issue", wired(voter.request))
        polls.ask("POST", "/cast", voter.first)
        polls.refused("POST", "/cast", voter.first[:-1])
    # The server's own complaint that it is busy names a number and nobody.
    assert [record for record in caplog.records if record.name != "waitress.queue"] == []


def test_a_flood_from_one_address_is_slowed_down_and_its_address_kept_nowhere(
    polls: Polls, tmp_path: Path
) -> None:
    answers = [polls.ask("GET", "/turnout")[0] for _ in range(wire.MOST_A_MINUTE)]
    assert set(answers) == {200}
    assert polls.refused("GET", "/turnout") == (429, "TooManyRequests", None)
    held = b"".join(path.read_bytes() for path in (tmp_path / "stores").iterdir() if path.is_file())
    assert b"127.0.0.1" not in held


def test_what_voters_are_told_is_one_document_for_all_of_them(polls: Polls, tmp_path: Path) -> None:
    nothing = b'{"answers":[],"closes":null,"notices":[],"photos":[],"reports":[]}'
    assert polls.ask("GET", "/exhibits") == (200, nothing)
    told = Told((Answer(0, "Vì sao?", ("Vì thế.",), True),), (Notice(None, "Gia hạn", "Extended"),), None)
    exhibits = Exhibits(tmp_path / "exhibits")
    exhibits.tell(lambda: told)
    exhibits.keep_report(0, b"%PDF-1.7")
    answers = {polls.ask("GET", "/exhibits") for _ in range(3)}
    answers.add(polls.ask("GET", "/exhibits?panel=1"))
    ((status, raw),) = answers
    assert (status, json.loads(raw)) == (200, {"photos": [], "reports": [0], **told.as_json()})
    (tmp_path / "exhibits" / "told.json").write_bytes(b"{")
    assert polls.refused("GET", "/exhibits") == (500, "ToldDamaged", None)


def test_what_voters_are_told_is_read_without_the_app_store(polls: Polls, tmp_path: Path) -> None:
    """Here it has no tables: whoever asked it would fail."""
    assert not (tmp_path / "stores" / "app.sqlite").exists()
    assert polls.ask("GET", "/exhibits")[0] == 200
    assert not (tmp_path / "stores" / "app.sqlite").exists()


def test_the_turnout_is_coarse(polls: Polls) -> None:
    assert json.loads(polls.ask("GET", "/turnout")[1]) == {"open": True, "percent": 0}
    for voter in polls.vote.voters[:6]:
        polls.ask("POST", "/issue", wired(voter.request))
        polls.ask("POST", "/cast", voter.first)
    assert json.loads(polls.ask("GET", "/turnout")[1]) == {
        "open": True,
        "percent": 54,
    }  # 6 of 11: two steps of 3
    gate.shut(polls.vote.box)
    assert json.loads(polls.ask("GET", "/turnout")[1])["open"] is False
