"""A paper is issued: once a slip, only to slips of the panel, only while issuing is open; the answer makes a
token.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from surveys.errors import SurveysError
from surveys.names import PersonCode
from surveys.protocol.errors import BadSignature, Malformed
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import attendance, models, registrar
from surveys.roll.attendance import PanelAttendance
from surveys.roll.errors import (
    AllPapersIssued,
    ForeignTokenKey,
    ImpossibleAttendance,
    IssuingClosed,
    IssuingNotOpen,
    NoQuorum,
    SecondBlindedMessage,
    TokenKeysDestroyed,
    UnknownPanel,
    UnknownSlip,
)
from surveys.roll.listing import Voter
from surveys.roll.registrar import destroy_token_keys, issuance_records, issue_token
from surveys.roll.slips import make_slips
from surveys.roll.state import State
from surveys.rules.preset import Preset
from tests.box.build import SURVEY, Vote, a_vote, keyring
from tests.stores.held import held
from tests.votes import randomness

TWO_THIRDS = Preset.load("local-annual")


def issue(vote: Vote, number: int = 0) -> bytes:
    return issue_token(vote.roll, vote.keys(), vote.manifest.hash, vote.voters[number].request)


@contextmanager
def refused(vote: Vote, kind: type[SurveysError]) -> Iterator[None]:
    before = held(vote.roll)
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) is kind
    assert held(vote.roll) == before


def set_state(vote: Vote, panel: int, state: State) -> None:
    with vote.roll.begin() as connection:
        connection.execute(
            update(models.panels).where(models.panels.c.panel == panel).values(state=state.value)
        )


def test_the_same_request_gets_the_same_answer_and_writes_nothing(vote: Vote) -> None:
    answer = issue(vote)
    before = held(vote.roll)
    assert issue(vote) == answer
    assert held(vote.roll) == before


def test_the_answer_does_not_depend_on_the_registrars_randomness(vote: Vote) -> None:
    request = vote.voters[0].request
    answers = {
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, request, randomness(seed))
        for seed in range(3)
    }
    assert len(answers) == 1


def test_a_second_blinded_message_is_refused(vote: Vote) -> None:
    issue(vote)
    with refused(vote, SecondBlindedMessage):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, vote.voters[0].second_request)


def test_a_second_blinded_message_would_be_signed_if_nothing_compared(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = issue(vote)
    monkeypatch.setattr(registrar, "compare", lambda stored, request: False)
    assert issue_token(vote.roll, vote.keys(), vote.manifest.hash, vote.voters[0].second_request) != first


def test_a_slip_of_another_panel_is_unknown(vote: Vote) -> None:
    with refused(vote, UnknownSlip):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, replace(vote.voters[0].request, panel=1))


def test_a_slip_that_is_not_on_the_roll_is_unknown(vote: Vote) -> None:
    with refused(vote, UnknownSlip):
        issue_token(
            vote.roll, vote.keys(), vote.manifest.hash, replace(vote.voters[0].request, slip=bytes(32))
        )


@pytest.mark.parametrize("panel", [3, -1, 2**32, 2**70])
def test_a_panel_that_does_not_exist_is_refused(vote: Vote, panel: int) -> None:
    with refused(vote, UnknownPanel):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, replace(vote.voters[0].request, panel=panel))


def test_a_request_signed_by_another_slip_is_refused(vote: Vote) -> None:
    stolen = replace(vote.voters[0].request, signature=vote.voters[1].request.signature)
    with refused(vote, BadSignature):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, stolen)


def test_a_request_of_another_survey_is_refused(vote: Vote) -> None:
    with refused(vote, BadSignature):
        issue_token(vote.roll, vote.keys(), bytes(32), vote.voters[0].request)


def test_an_unsigned_request_would_be_answered_without_the_check(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar, "check_request", lambda request, manifest_hash: None)
    issue_token(vote.roll, vote.keys(), bytes(32), vote.voters[0].request)


@pytest.mark.parametrize("blinded", [b"\xff" * 256, bytes(256)])
def test_a_message_that_cannot_be_signed_does_not_cost_the_slip_its_paper(vote: Vote, blinded: bytes) -> None:
    request = signed_again(vote, blinded)
    with refused(vote, Malformed):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, request)
    issue(vote)


def signed_again(vote: Vote, blinded: bytes) -> IssueRequest:
    """The first voter's slip asks with a message of the test's choice."""
    slip = make_slips(SURVEY, [Voter(0, PersonCode("0-0"))], randomness("slips"))[0]
    return slip_key(slip.code, SURVEY).request(vote.manifest.hash, 0, blinded)


def test_nothing_is_issued_before_issuing_opens(vote: Vote) -> None:
    set_state(vote, 0, State.WAITING)
    with refused(vote, IssuingNotOpen):
        issue(vote)
    issue(vote, 12)


def test_nothing_is_issued_after_closing_not_even_again(vote: Vote) -> None:
    issue(vote)
    attendance.close_issuing(vote.roll)
    attendance.close_issuing(vote.roll)
    for number in (0, 1, 12):
        with refused(vote, IssuingClosed):
            issue(vote, number)


def test_no_more_papers_than_people_present(vote: Vote) -> None:
    issue(vote, 0)
    attendance.record_present(vote.roll, 0, 1)
    with refused(vote, AllPapersIssued):
        issue(vote, 1)
    assert issue(vote, 0)
    attendance.record_present(vote.roll, 0, 2)
    issue(vote, 1)


def test_the_quorum_is_counted_on_integers(vote: Vote) -> None:
    set_state(vote, 0, State.WAITING)
    attendance.record_present(vote.roll, 0, 7)
    with refused(vote, NoQuorum):
        attendance.open_issuing(vote.roll, 0, TWO_THIRDS)
    attendance.record_present(vote.roll, 0, 8)
    attendance.open_issuing(vote.roll, 0, TWO_THIRDS)
    attendance.open_issuing(vote.roll, 0, TWO_THIRDS)
    assert attendance.attendance(vote.roll)[0] == PanelAttendance(12, 8, 0, State.ISSUING)


def test_without_a_quorum_in_the_rule_nobody_need_be_present(vote: Vote) -> None:
    set_state(vote, 0, State.WAITING)
    attendance.record_present(vote.roll, 0, 0)
    attendance.open_issuing(vote.roll, 0, Preset.load("nq96-2023"))


@pytest.mark.parametrize("present", [13, -1, 1])
def test_attendance_that_cannot_be_is_refused(vote: Vote, present: int) -> None:
    issue(vote, 0)
    issue(vote, 1)
    with refused(vote, ImpossibleAttendance):
        attendance.record_present(vote.roll, 0, present)


def test_attendance_and_issuing_are_settled_once_issuing_is_closed(vote: Vote) -> None:
    attendance.close_issuing(vote.roll)
    with refused(vote, IssuingClosed):
        attendance.record_present(vote.roll, 0, 12)
    with refused(vote, IssuingClosed):
        attendance.open_issuing(vote.roll, 0, None)


def test_papers_are_counted_for_each_panel(vote: Vote) -> None:
    for number in (0, 1, 12):
        issue(vote, number)
    assert [panel.issued for panel in attendance.attendance(vote.roll)] == [2, 1, 0]


def test_an_unknown_panel_has_no_attendance(vote: Vote) -> None:
    with refused(vote, UnknownPanel):
        attendance.record_present(vote.roll, 3, 0)


def test_destroyed_keys_are_overwritten_and_sign_no_more(vote: Vote) -> None:
    keys = vote.keys()
    keys.key(0)
    with vote.roll.connect() as connection:
        sealed = [row.private_key for row in connection.execute(models.panels.select())]
    destroy_token_keys(vote.roll)
    raw = held(vote.roll)
    assert not any(key[:200] in raw for key in sealed)
    destroy_token_keys(vote.roll)
    with refused(vote, IssuingClosed):
        issue_token(vote.roll, keys, vote.manifest.hash, vote.voters[0].request)
    with pytest.raises(TokenKeysDestroyed):
        vote.keys().key(0)
    keys.forget()
    with pytest.raises(TokenKeysDestroyed):
        keys.key(0)


@pytest.mark.files
def test_the_key_of_a_roll_with_one_panel_is_destroyed_too(tmp_path: Path) -> None:
    vote = a_vote(tmp_path, (3,))
    destroy_token_keys(vote.roll)
    with vote.roll.connect() as connection:
        (row,) = connection.execute(models.panels.select())
    assert (row.private_key, row.state) == (bytes(len(row.private_key)), State.DESTROYED.value)


def test_private_keys_lie_sealed_in_one_width_under_their_panel(vote: Vote) -> None:
    """Another width would move rows, another place could be put under another panel."""
    with vote.roll.connect() as connection:
        for row in connection.execute(models.panels.select()):
            padded = keyring().open("panels", "private_key", str(row.panel), row.private_key)
            assert len(padded) == registrar.PRIVATE_KEY_BYTES


def test_a_message_of_zero_is_refused_by_the_registrars_own_clause(vote: Vote) -> None:
    with pytest.raises(Malformed) as caught:
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, signed_again(vote, bytes(256)))
    assert (caught.value.check, caught.value.where) == ("7.3", "request.blinded")


@pytest.mark.files
def test_issuing_is_closed_though_the_keys_could_not_be_overwritten(vote: Vote) -> None:
    with vote.roll.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE UPDATE OF private_key ON panels"
                " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
    with pytest.raises(IntegrityError, match="the disk is full"):
        destroy_token_keys(vote.roll)
    with refused(vote, IssuingClosed):
        issue(vote)


def test_a_private_key_that_is_not_the_manifests_is_not_used(vote: Vote) -> None:
    """A registrar with a key of its own for each voter could mark tokens; the frozen public key
    forbids it.
    """
    other = dict(registrar.make_token_keys(keyring(), 1))[0]
    with vote.roll.begin() as connection:
        connection.execute(
            update(models.panels).where(models.panels.c.panel == 0).values(private_key=other.private)
        )
    with refused(vote, ForeignTokenKey):
        issue(vote)


def test_records_are_sorted_by_slip_and_hold_what_was_asked(vote: Vote) -> None:
    for number in (5, 1, 3, 12):
        issue(vote, number)
    records = issuance_records(vote.roll)
    asked = [vote.voters[n].request for n in (1, 3, 5)]
    assert records.panels == (tuple(sorted(asked, key=lambda r: r.slip)), (vote.voters[12].request,), ())


def test_issuing_writes_no_log_line(vote: Vote, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    issue(vote)
    with refused(vote, SecondBlindedMessage):
        issue_token(vote.roll, vote.keys(), vote.manifest.hash, vote.voters[0].second_request)
    assert caplog.records == []
