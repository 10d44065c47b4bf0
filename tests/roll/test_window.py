"""The registrar's window: many at once are treated as each alone, and the roll tells no more than before
(docs/protocol.md §7).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from surveys.errors import SurveysError
from surveys.protocol.errors import BadSignature, Duplicate
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import attendance, models, registrar, window
from surveys.roll.errors import AllPapersIssued, IssuingClosed, SecondBlindedMessage, UnknownSlip
from surveys.roll.papers import Papers
from surveys.roll.registrar import destroy_token_keys, issue_token
from surveys.roll.window import Window
from tests.box.build import SURVEY, Vote

# In PostgreSQL no batches are made.
pytestmark = pytest.mark.files


def a_window(vote: Vote) -> Window:
    return Window(vote.roll, vote.keys(), vote.manifest.hash)


def alone(vote: Vote, request: IssueRequest) -> bytes:
    return issue_token(vote.roll, vote.keys(), vote.manifest.hash, request)


def together(place: Window, requests: Sequence[IssueRequest]) -> list[bytes | type]:
    """All of them wait while somebody else is served; then they are one batch."""

    def one(request: IssueRequest) -> bytes | type:
        try:
            return place.issue(request)
        except SurveysError as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(requests)) as pool:
        place._turns.alone.acquire()
        waiting = []
        for number, request in enumerate(requests, 1):
            waiting.append(pool.submit(one, request))
            while len(place._turns.waiting) < number:
                threading.Event().wait(0.001)
        place._turns.alone.release()
        return [each.result() for each in waiting]


def without_the_counter(vote: Vote) -> bytes:
    """The roll's file without SQLite's number of transactions (offsets 24 and 92), which batches make
    smaller.
    """
    raw = bytearray(vote.roll_file.read_bytes())
    raw[24:28] = raw[92:96] = bytes(4)
    return bytes(raw)


def test_a_batch_gets_the_papers_and_leaves_the_bytes_of_one_after_the_other(
    vote: Vote, tmp_path: Path
) -> None:
    other = vote.copy(tmp_path / "other")
    requests = [voter.request for voter in vote.voters[:20]]
    place = a_window(vote)
    assert together(place, requests) == [alone(other, request) for request in requests]
    assert without_the_counter(vote) == without_the_counter(other)
    before = vote.roll_file.read_bytes()
    assert place.issue(requests[0]) == alone(other, requests[0])
    assert vote.roll_file.read_bytes() == before


def test_in_a_batch_each_is_refused_alone(vote: Vote) -> None:
    first, second = vote.voters[0].request, vote.voters[1].request
    stolen = replace(second, signature=first.signature)
    nobody = replace(second, slip=bytes(32))
    found = together(a_window(vote), [first, stolen, vote.voters[0].second_request, nobody, first, second])
    assert [each if isinstance(each, type) else bytes for each in found] == [
        bytes, BadSignature, SecondBlindedMessage, UnknownSlip, bytes, bytes,
    ]  # fmt: skip
    assert found[0] == found[4]
    assert attendance.attendance(vote.roll)[0].issued == 2


def test_a_message_that_another_slip_asked_with_is_refused_in_a_batch_and_after_it(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar, "check_request", lambda *_: None)
    first = vote.voters[0].request
    copies = [replace(vote.voters[number].request, blinded=first.blinded) for number in (1, 2)]
    place = a_window(vote)
    assert together(place, [first, copies[0]])[1] is Duplicate
    with pytest.raises(Duplicate):
        place.issue(copies[1])
    with pytest.raises(Duplicate):
        a_window(vote).issue(copies[1])
    # The twin: without the mark nobody looks.
    monkeypatch.setattr(window.Asked, "perhaps", lambda *_: False)
    assert place.issue(copies[1])


def test_no_more_papers_than_people_are_present(vote: Vote) -> None:
    attendance.record_present(vote.roll, 0, 5)
    place, panel = a_window(vote), [voter.request for voter in vote.voters if voter.panel == 0]
    assert place.papers_for(0, panel[11].slip) is Papers.GIVEN
    assert together(place, panel[:8]).count(AllPapersIssued) == 3
    assert attendance.attendance(vote.roll)[0].issued == 5
    assert place.papers_for(0, panel[11].slip) is Papers.AS_MANY_AS_PRESENT


def test_what_others_wrote_is_seen(vote: Vote) -> None:
    attendance.record_present(vote.roll, 0, 5)
    place = a_window(vote)
    place.issue(vote.voters[0].request)
    for voter in vote.voters[1:5]:
        alone(vote, voter.request)
    with pytest.raises(AllPapersIssued):
        place.issue(vote.voters[5].request)
    destroy_token_keys(vote.roll)
    with pytest.raises(IssuingClosed):
        place.issue(vote.voters[12].request)


def test_the_twin_that_trusts_its_memory_issues_too_many(vote: Vote, monkeypatch: pytest.MonkeyPatch) -> None:
    attendance.record_present(vote.roll, 0, 5)
    place = a_window(vote)
    place.issue(vote.voters[0].request)
    for voter in vote.voters[1:5]:
        alone(vote, voter.request)
    monkeypatch.setattr(place._kept, "has_changed", lambda: False)
    assert place.issue(vote.voters[5].request)


def test_a_closing_between_signing_and_storing_keeps_the_batch_out(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = registrar.sign

    def slowly(*given: object) -> bytes:
        signed = sign(*given)  # type: ignore[arg-type]
        attendance.close_issuing(vote.roll)
        return signed

    monkeypatch.setattr(registrar, "sign", slowly)
    with pytest.raises(IssuingClosed):
        a_window(vote).issue(vote.voters[0].request)
    assert attendance.attendance(vote.roll)[0].issued == 0


def test_a_failed_commit_gives_nothing_out_and_counts_nothing(vote: Vote) -> None:
    place = a_window(vote)
    place.issue(vote.voters[0].request)
    enter, before = registrar.enter, vote.roll_file.read_bytes()

    def breaks(*given: object) -> None:
        enter(*given)  # type: ignore[arg-type]
        raise OSError("the disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registrar, "enter", breaks)
        with pytest.raises(OSError, match="disk is full"):
            place.issue(vote.voters[1].request)
    assert vote.roll_file.read_bytes() == before
    assert place.issue(vote.voters[1].request)
    with vote.roll.begin() as connection:
        assert window.Asked(connection).issued(0) == 2


def test_whether_a_slip_gets_a_paper_is_told_without_holding_off_who_writes(vote: Vote) -> None:
    place = a_window(vote)
    with vote.roll.begin() as connection:
        connection.execute(update(models.panels).values(state=models.panels.c.state))
        assert place.papers_for(0, vote.voters[0].request.slip) is Papers.GIVEN
    place.issue(vote.voters[0].request)
    assert place.papers_for(0, vote.voters[0].request.slip) is Papers.TAKEN
    with pytest.raises(UnknownSlip):
        place.papers_for(0, slip_key(bytes(10), SURVEY).public)
    place.close()
