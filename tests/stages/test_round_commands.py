"""`surveys round …` and `surveys committee …`: what whoever sits at the server does stands in the staff log,
and goes no step that the desk refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveys.accounts.staff_log import StaffLog
from surveys.cli import main
from surveys.names import RoundId
from surveys.rounds import conduct, ledger
from surveys.rounds.states import State
from surveys.stores.witness import Witness
from tests.desk import Desk, a_desk
from tests.stores.pdfs import a_pdf


@pytest.fixture
def at_the_server(tmp_path: Path) -> Iterator[Desk]:
    """A desk with its keys in the file that commands read."""
    desk = a_desk(tmp_path)
    stores, folder = desk.site.stores, desk.site.stores.engines.root.parent
    stores.keyring.save(folder / "keyring.json")
    stores.engines.witness = Witness(folder / "witness", stores.keyring.witness_key())
    yield desk
    desk.site.stores.close()


def command(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--instance", str(desk.site.stores.engines.root.parent)])


def state(desk: Desk, round_id: RoundId) -> State:
    return ledger.find(desk.site.stores.app, round_id).state


def written(desk: Desk) -> list[tuple[str, str]]:
    log = StaffLog(desk.site.stores.app, lambda: datetime.now(UTC))
    return [(each.actor, each.act) for each in log.entries() if each.actor == "command-line"]


def test_opening_and_closing_by_command_stand_in_the_log_and_in_the_round(at_the_server: Desk) -> None:
    desk, round_id = at_the_server, at_the_server.confirmed(1)
    for word, found in (("open", State.OPEN), ("close", State.CLOSING)):
        done = command(desk, "round", word, round_id)
        assert done.exit_code == 0, done.output
        assert state(desk, round_id) is found
    assert sorted(written(desk)) == [("command-line", "round.closed"), ("command-line", "round.opened")]
    noted = conduct.find(desk.site.stores.app, round_id).facts.log
    assert [(each.act, each.by) for each in noted] == [("opened", "hand"), ("closed", "hand")]


def test_a_round_that_asks_for_a_second_person_is_not_opened_or_closed_early_by_command(
    at_the_server: Desk,
) -> None:
    desk, round_id = at_the_server, at_the_server.confirmed(2, four_eyes=True)
    refused = command(desk, "round", "open", round_id)
    assert refused.exit_code == 1
    assert "second person" in refused.output
    assert (state(desk, round_id), written(desk)) == (State.CONFIRMED, [])


def test_a_round_that_records_who_is_present_issues_no_papers_for_having_been_opened_by_command(
    at_the_server: Desk,
) -> None:
    desk, round_id = at_the_server, at_the_server.confirmed(4, presence="recorded")
    assert command(desk, "round", "open", round_id).exit_code == 0
    assert state(desk, round_id) is State.OPEN
    assert not any(panel.issuing for panel in desk.desks.polls.look(round_id).panels)


def test_a_picture_by_command_stands_in_the_log_and_is_refused_once_the_polls_have_closed(
    at_the_server: Desk, tmp_path: Path
) -> None:
    desk, round_id = at_the_server, at_the_server.confirmed(5)
    report = tmp_path / "r.pdf"
    report.write_bytes(a_pdf())
    person = ledger.find(desk.site.stores.app, round_id).definition.contests[0].person
    words = ("round", "exhibit", round_id, person, "--report", str(report))
    assert command(desk, *words).exit_code == 0
    assert [act for _, act in written(desk)] == ["round.exhibit"]
    for word in ("open", "close"):
        assert command(desk, "round", word, round_id).exit_code == 0
    assert command(desk, *words).exit_code == 1


def test_links_of_members_and_a_ceremony_begun_again_stand_in_the_log(at_the_server: Desk) -> None:
    desk, round_id = at_the_server, at_the_server.frozen(3)
    assert command(desk, "committee", "invite", round_id, "--address", "https://a.example").exit_code == 0
    assert command(desk, "committee", "restart", round_id).exit_code == 0
    acts = [act for _, act in written(desk)]
    members = len(ledger.find(desk.site.stores.app, round_id).definition.trustees)
    assert (acts.count("round.link"), acts.count("round.committee")) == (members, 1)
