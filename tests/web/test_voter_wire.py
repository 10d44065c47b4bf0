"""A voter's way over HTTP (docs/protocol.md §15), against a real server and real stores."""

from __future__ import annotations

import http.client
import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import create_voter_app
from surveys.box import gate
from surveys.box.board import returned
from surveys.box.open_box import OpenBox
from surveys.names import PersonCode, RoundId
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.errors import Inconsistent
from surveys.protocol.form import decode_form
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.receipt import Promise
from surveys.protocol.secret.slip_key import SlipKey, slip_key
from surveys.protocol.transcript import digest, transcript, u32
from surveys.roll import slips
from surveys.roll.attendance import attendance, close_issuing, record_present
from surveys.roll.issuing import Issuer
from surveys.roll.listing import Voter
from surveys.roll.papers import Papers
from surveys.settings import Settings
from surveys.stores.exhibits import Exhibits
from surveys.stores.notices import Announcements, Answer, Notice
from surveys.web import wire
from tests.box.build import SURVEY, Vote, a_vote
from tests.journeys.polls import open_polls
from tests.served import served
from tests.stores.pdfs import a_pdf
from tests.votes import randomness

SIZES = (6, 5)


@dataclass
class Polls:
    """Open polls behind a real server."""

    vote: Vote
    port: int

    def ask(self, method: str, way: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
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


def register_wires(request: IssueRequest) -> bytes:
    """The bytes of 15.3."""
    return u32(request.panel) + request.slip + request.blinded + request.signature


@pytest.fixture
def polls(tmp_path: Path) -> Iterator[Polls]:
    vote = a_vote(tmp_path / "stores", SIZES)
    round_id = RoundId(SURVEY.hex())
    app = create_voter_app(
        Settings(),
        {round_id: Issuer.of(vote.manifest, vote.roll, vote.keys())},
        {round_id: OpenBox(vote.manifest, vote.box, vote.box_key)},
        {round_id: Exhibits(tmp_path / "exhibits")},
    )
    with served(app) as port:
        yield Polls(vote, port)
    vote.engines.close()


def test_a_paper_is_issued_and_a_ballot_returned_with_a_receipt(polls: Polls) -> None:
    vote, voter = polls.vote, polls.vote.voters[0]
    assert polls.ask("GET", "/manifest") == (200, vote.manifest.encode())
    status, answer = polls.ask("POST", "/issue", register_wires(voter.request))
    assert (status, len(answer)) == (200, 256)
    status, receipt = polls.ask("POST", "/cast", voter.first)
    ballot = decode_ballot(voter.first, vote.manifest)
    assert (status, receipt[:32]) == (200, ballot.digest)
    promise = Promise(vote.manifest.hash, ballot.digest, ballot.key, ballot.sequence, receipt[32:])
    promise.check(vote.manifest.definition.box_key)


def test_the_same_bytes_again_get_the_same_answer(polls: Polls) -> None:
    voter = polls.vote.voters[0]
    assert len({polls.ask("POST", "/issue", register_wires(voter.request)) for _ in range(3)}) == 1
    assert len({polls.ask("POST", "/cast", voter.first) for _ in range(3)}) == 1
    assert polls.refused("POST", "/issue", register_wires(voter.second_request)) == (
        409,
        "SecondBlindedMessage",
        None,
    )


def test_only_who_holds_a_slip_learns_its_panel(polls: Polls) -> None:
    vote = polls.vote
    people = [Voter(p, PersonCode(f"{p}-{i}")) for p, size in enumerate(SIZES) for i in range(size)]
    made = slips.make_slips(SURVEY, people, randomness("slips"))
    for slip in (made[0], made[-1]):
        key = slip_key(slip.code, SURVEY)
        signed = key.sign(transcript("panel", vote.manifest.hash, key.public))
        said = u32(slip.voter.panel) + bytes([Papers.GIVEN])
        assert polls.ask("POST", "/panel", key.public + signed) == (200, said)
        assert polls.refused("POST", "/panel", key.public + bytes(64))[1:] == ("BadSignature", "15.2")
    stranger = slip_key(bytes(10), SURVEY)
    signed = stranger.sign(transcript("panel", vote.manifest.hash, stranger.public))
    assert polls.refused("POST", "/panel", stranger.public + signed)[1] == "UnknownSlip"


def test_a_voters_client_loads_the_head_and_one_form_which_prove_themselves(polls: Polls) -> None:
    manifest = polls.vote.manifest
    status, head = polls.ask("GET", "/head")
    assert (status, digest("manifest", head)) == (200, manifest.hash)
    roots = manifest.definition.roots
    people = [Voter(p, PersonCode(f"{p}-{i}")) for p, size in enumerate(SIZES) for i in range(size)]
    made = slips.make_slips(SURVEY, people, randomness("slips"))
    lengths = set()
    for slip in (made[0], made[-1]):
        key = slip_key(slip.code, SURVEY)
        signed = key.sign(transcript("panel", manifest.hash, key.public))
        status, padded = polls.ask("POST", "/form", key.public + signed)
        form = decode_form(padded.rstrip(b" "))
        form.check(roots.panels)
        assert (status, form.panel) == (200, slip.voter.panel)
        assert polls.ask("GET", f"/form/{form.panel}") == (200, form.encode())
        lengths.add(len(padded))
        with pytest.raises(
            Inconsistent
        ):  # the twin: the form of another vote's panel leads to no root of this one
            form.check(replace(roots.panels, root=bytes(32)))
        assert polls.refused("POST", "/form", key.public + bytes(64))[1:] == ("BadSignature", "15.2")
    assert len(lengths) == 1, "the length of an answer would tell the panel"
    assert polls.refused("GET", f"/form/{len(SIZES)}") == (404, "UnknownPanel", None)


def test_eight_at_once_get_one_paper_and_one_ballot(polls: Polls) -> None:
    voter = polls.vote.voters[1]
    with ThreadPoolExecutor(8) as pool:
        papers = list(
            pool.map(lambda _: polls.ask("POST", "/issue", register_wires(voter.request)), range(8))
        )
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
                    line.settimeout(90)
                    assert b" 413 " in line.recv(64)
                else:
                    with pytest.raises(TimeoutError):  # the twin: a body that may come is waited for
                        line.recv(64)


def test_a_body_over_the_limit_is_cut_off_unread(polls: Polls) -> None:
    assert polls.refused("POST", "/cast", bytes(1 << 20))[:2] == (413, "TooLarge")
    with socket.create_connection(("127.0.0.1", polls.port), timeout=90) as line:
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
        ("POST", "/form", 400, "WrongLength"),
        ("GET", "/trackers/f", 404, "NotAPrefix"),
    ],
)
def test_what_is_no_request_is_refused(polls: Polls, method: str, way: str, status: int, name: str) -> None:
    assert polls.refused(method, way, b"abc" if method == "POST" else None)[:2] == (status, name)


CODE = "0K3X-9TQM-4H7B-D2WYZ"
BOX = SURVEY.hex()
MANGLED = {
    "%23 for #": f"/{BOX}/%23{CODE}",
    "%23 glued to the round": f"/{BOX}%23{CODE}",
    "%23 and a slash behind": f"/{BOX}%23{CODE}/",
    "code glued to the path": f"/{BOX}/{CODE}",
    "code glued to the round": f"/{BOX}{CODE}",
    "full stop behind the round": f"/{BOX}.",
    "full stop behind the code": f"/{BOX}/{CODE}.",
    "a space": f"/{BOX}/%20{CODE}",
    "a space inside": f"/{BOX[:9]}%20{BOX[9:]}/{CODE}",
    "two slashes": f"//{BOX}//{CODE}",
    "a bare address": "/",
    "another round": f"/{'00' * 16}/",
    "markup": f"/{BOX}/<script>{CODE}",
}


@pytest.mark.parametrize("mangled", MANGLED.values(), ids=MANGLED)
def test_a_mangled_link_gets_one_page_that_repeats_nothing_and_is_not_logged(
    polls: Polls, mangled: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        status, page, headers = plainly(polls, mangled)
        _, other, _ = plainly(polls, "/nothing-of-ours")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page == other  # the same bytes for every address: nothing of it can be in them
    assert "location" not in headers
    told = page.decode("utf-8")
    assert "Giấy mời của bạn chưa bị dùng" in told
    assert "Your slip has not been used" in told
    assert CODE not in told + str(headers)
    assert BOX not in told + str(headers)
    assert "set-cookie" not in headers
    assert [record for record in caplog.records if record.name != "waitress.queue"] == []


def test_a_link_without_its_last_slash_leads_into_the_booth(polls: Polls) -> None:
    """The twin: what is only short or doubled is no mangled link; and no redirect repeats it."""
    for way in (f"/{BOX}", f"/{BOX}/", f"//{BOX}/", f"/{BOX}/receipt"):
        status, page, _ = plainly(polls, way)
        assert (status, f'data-survey="{BOX}"' in page.decode("utf-8")) == (200, True)


def test_programs_are_refused_as_programs_are(polls: Polls) -> None:
    status, raw, headers = plainly(polls, f"/{'00' * 16}/manifest")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert json.loads(raw)["error"] == "NotServed"


def plainly(polls: Polls, way: str) -> tuple[int, bytes, dict[str, str]]:
    """A GET, exactly so; status, body, headers but the date."""
    connection = http.client.HTTPConnection("127.0.0.1", polls.port, timeout=90)
    connection.request("GET", way)
    answer = connection.getresponse()
    read = answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders() if name != "Date"}
    connection.close()
    return answer.status, read, headers


def test_another_vote_is_not_served(polls: Polls) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", polls.port, timeout=90)
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
        polls.refused("POST", "/form", bytes(96))
        polls.ask("POST", "/issue", register_wires(voter.request))
        polls.ask("POST", "/cast", voter.first)
        polls.refused("POST", "/cast", voter.first[:-1])
    # The server's own complaint that it is busy names a number and nobody.
    assert [record for record in caplog.records if record.name != "waitress.queue"] == []


def test_a_flood_from_one_address_is_slowed_down_and_its_address_kept_nowhere(
    polls: Polls, tmp_path: Path
) -> None:
    answers = [polls.ask("GET", "/polls")[0] for _ in range(wire.MOST_A_MINUTE)]
    assert set(answers) == {200}
    assert polls.refused("GET", "/polls") == (429, "TooManyRequests", None)
    held = b"".join(path.read_bytes() for path in (tmp_path / "stores").iterdir() if path.is_file())
    assert b"127.0.0.1" not in held


def test_what_voters_are_told_is_one_document_for_all_of_them(polls: Polls, tmp_path: Path) -> None:
    nothing = b'{"answers":[],"closes":null,"notices":[],"photos":[],"reports":[]}'
    assert polls.ask("GET", "/exhibits") == (200, nothing)
    told = Announcements(
        (Answer(0, "Vì sao?", ("Vì thế.",), True),), (Notice(None, "Gia hạn", "Extended"),), None
    )
    exhibits = Exhibits(tmp_path / "exhibits")
    exhibits.tell(lambda: told)
    exhibits.keep_report(0, a_pdf())
    answers = {polls.ask("GET", "/exhibits") for _ in range(3)}
    answers.add(polls.ask("GET", "/exhibits?panel=1"))
    ((status, raw),) = answers
    assert (status, json.loads(raw)) == (200, {"photos": [], "reports": [0], **told.as_json()})
    (tmp_path / "exhibits" / "told.json").write_bytes(b"{")
    assert polls.refused("GET", "/exhibits") == (500, "AnnouncementsDamaged", None)


def test_what_voters_are_told_is_read_without_the_app_store(polls: Polls, tmp_path: Path) -> None:
    """Here it has no tables: whoever asked it would fail."""
    assert not (tmp_path / "stores" / "app.sqlite").exists()
    assert polls.ask("GET", "/exhibits")[0] == 200
    assert not (tmp_path / "stores" / "app.sqlite").exists()


def test_polls_tell_their_state_the_servers_time_and_a_coarse_turnout(polls: Polls) -> None:
    first = json.loads(polls.ask("GET", "/polls")[1])
    assert abs(datetime.fromisoformat(first.pop("now")) - datetime.now(UTC)) < timedelta(seconds=30)
    assert first == {"polls": "open", "percent": 0}
    for voter in polls.vote.voters[:6]:
        polls.ask("POST", "/issue", register_wires(voter.request))
        polls.ask("POST", "/cast", voter.first)
    assert json.loads(polls.ask("GET", "/polls")[1])["percent"] == 54  # 6 of 11: two steps of 3
    gate.shut(polls.vote.box)
    assert json.loads(polls.ask("GET", "/polls")[1])["polls"] == "shut"


def test_a_slip_is_told_up_front_whether_it_will_get_a_paper(polls: Polls) -> None:
    vote = polls.vote
    people = [Voter(p, PersonCode(f"{p}-{i}")) for p, size in enumerate(SIZES) for i in range(size)]
    keys = [slip_key(slip.code, SURVEY) for slip in slips.make_slips(SURVEY, people, randomness("slips"))]

    def told(key: SlipKey) -> Papers:
        signed = key.sign(transcript("panel", vote.manifest.hash, key.public))
        return Papers(polls.ask("POST", "/panel", key.public + signed)[1][4])

    by_key = {voter.request.slip: voter for voter in vote.voters}
    mine, others = keys[0], keys[1:6]
    assert told(mine) is Papers.GIVEN
    polls.ask("POST", "/issue", register_wires(by_key[mine.public].request))
    assert told(mine) is Papers.TAKEN
    record_present(vote.roll, 0, 1)
    assert told(others[0]) is Papers.AS_MANY_AS_PRESENT
    close_issuing(vote.roll)
    assert told(others[0]) is Papers.NO_LONGER
    assert told(mine) is Papers.TAKEN
