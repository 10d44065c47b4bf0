"""The end of a round, killed at any step and clicked twice: it is published once, and what is published
verifies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from surveys.accounts.staff_log import Act
from surveys.audit.verifier import verify
from surveys.commands.kit import log_of
from surveys.committee.certifying import accept_certificate, certificate_in
from surveys.committee.checking import examine_papers
from surveys.committee.counting import Count
from surveys.committee.trustee import Trustee
from surveys.instance.counting_job import CountingWork, Work
from surveys.jobs.progress import Silent
from surveys.jobs.queue import Jobs
from surveys.protocol.certificate import Certificate
from surveys.results.publications import published_rounds
from surveys.roll import models as roll_models
from surveys.roll.attendance import NOT_ASKED
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove, StatedMeanwhile
from surveys.rounds.states import State
from surveys.stages import publishing, tallying
from surveys.stages.errors import MoreBallotsThanPapers
from tests.committee.test_faulty_members import SEEDS, Scene
from tests.faults.dying import ends, kill_before_step
from tests.jobs.test_queue import awaited
from tests.journeys.test_committee import Committee, a_committee
from tests.opening import count_by

SILENT = Silent()


@dataclass
class Ending:
    """A round whose papers are drawn up."""

    committee: Committee
    counting: CountingWork
    work: Work
    count: Count

    def certify(self, trustee: int) -> None:
        papers = self.work.papers
        assert papers is not None
        certified = papers.certified(self.count)
        board = self.work.board
        assert board is not None
        tally = self.work.tally
        assert tally is not None
        stores = self.committee.stores.engines
        made = {
            **tallying.board_members(stores, self.count, board),
            **publishing.paper_members(stores, self.count, tally, papers),
        }
        pdf = self.counting.typeset(self.committee.round_id)
        signed = Trustee(SEEDS[trustee - 1], trustee).certify(examine_papers(made), pdf)
        facts = self.work.facts
        assert facts is not None
        accept_certificate(
            self.committee.stores.engines.app,
            self.count,
            certified,
            trustee,
            signed,
            lambda connection: conduct.settle(
                connection, self.committee.stores.keyring, self.committee.round_id, facts
            ),
        )

    def certify_all(self) -> None:
        """Two of three sign: that is enough."""
        for trustee in (1, 2):
            self.certify(trustee)

    @property
    def certificate(self) -> Certificate | None:
        """The certificate of the papers as they are now, once t have signed."""
        papers = self.work.papers
        assert papers is not None
        certified = papers.certified(self.count)
        return certificate_in(self.committee.stores.engines.app, self.committee.round_id, certified, 2)

    def state(self, text: str) -> None:
        conduct.complain(self.committee.stores.app, self.committee.round_id, text)


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[Ending]:
    # Without a site: its clock would count and publish too, and a child forked while that thread writes waits
    # for ever.
    with a_committee(tmp_path / "instance", voters=8, with_site=False) as committee:
        scene = Scene(committee, [])
        _ceremony(scene)
        committee.open_vote_close()
        jobs = Jobs(committee.settings.jobs)
        counting = CountingWork(committee.stores, committee.settings.bundles, jobs)
        work = Work()
        counting.begin(committee.round_id, work, SILENT)
        assert work.count is not None
        assert work.board is not None
        members = tallying.board_members(committee.stores.engines, work.count, work.board)
        count_by(committee.stores.engines, work.count, members, scene.trustees, scene.trustees[:2])
        counting.solve(committee.round_id, work, SILENT)
        counting.draw_up(committee.round_id, work, SILENT)
        yield Ending(committee, counting, work, work.count)
        jobs.close()


def _ceremony(scene: Scene) -> None:
    from surveys.committee import ceremony
    from surveys.rounds import ledger
    from surveys.stages import opening

    committee = scene.committee
    stores = committee.stores
    app, definition = stores.engines.app, ledger.find(committee.stores.app, committee.round_id).definition
    for trustee in scene.trustees:
        ceremony.accept_commit(app, definition, 1, trustee.commit(definition, 1))
    commits = ceremony.commits_of(app, definition, 1)
    for trustee in scene.trustees:
        ceremony.accept_deal(app, definition, 1, trustee.deal(definition, 1, commits))
    manifest = opening.make_manifest(stores, definition, 1)
    deals = ceremony.record(app, definition, 1).deals
    for trustee in scene.trustees:
        ceremony.accept_confirm(app, manifest, 1, trustee.confirm(manifest, 1, commits, deals))
    opening.confirm(stores.engines, manifest, 1)


def test_publishing_that_is_killed_at_any_step_is_gone_on_with(ending: Ending) -> None:
    ending.certify_all()
    round_id, killed = ending.committee.round_id, 0
    for step in range(1, 200, 3):
        if ends(lambda: ending.counting.publish(round_id, ending.work, SILENT), kill_before_step(step)):
            break
        killed += 1
        bundle = ending.committee.settings.bundles / f"{round_id}.zip"
        assert not bundle.exists() or verify(bundle, jobs=1).good
    assert killed > 3
    assert ending.committee.state is State.PUBLISHED
    assert published_rounds(ending.committee.stores.engines.app) == {round_id}
    noted = [each for each in log_of(ending.committee.stores).entries() if each.act == Act.ROUND_PUBLISHED]
    assert {(each.actor, each.round_id, each.facts["bundle"]) for each in noted} == {
        ("clock", round_id, f"{round_id}.zip")
    }
    assert verify(ending.committee.settings.bundles / f"{round_id}.zip", jobs=1).good


def test_a_restart_after_the_certificate_finds_the_certified_minutes_again(ending: Ending) -> None:
    """Killed before publishing, the papers are drawn up anew; the typeset minutes lie where they lay."""
    committee, work = ending.committee, ending.work
    path = committee.settings.bundles / f"{committee.round_id}.pdf"
    assert work.papers is not None
    assert json.loads(work.papers.minutes)["pdf"] == sha256(path.read_bytes()).hexdigest()
    ending.certify_all()
    for lost in (False, True):
        if lost:
            path.unlink()
        again = Work()
        ending.counting.begin(committee.round_id, again, SILENT)
        ending.counting.solve(committee.round_id, again, SILENT)
        ending.counting.draw_up(committee.round_id, again, SILENT)
        assert again.papers == work.papers
        assert json.loads(work.papers.minutes)["pdf"] == sha256(path.read_bytes()).hexdigest()
    ending.counting.publish(committee.round_id, again, SILENT)
    bundle = committee.settings.bundles / f"{committee.round_id}.zip"
    assert verify(bundle, jobs=1, minutes=path).good


def test_two_signatures_at_once_both_stand_and_make_the_certificate(ending: Ending) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ending.certify, (1, 2)))
    assert ending.certificate is not None
    assert [trustee for trustee, _ in ending.certificate.signatures] == [1, 2]
    ending.certify(1)  # clicked again: nothing changes
    assert ending.committee.state is State.CERTIFIED


def test_one_signature_certifies_nothing(ending: Ending) -> None:
    ending.certify(1)
    ending.certify(1)
    assert ending.certificate is None
    assert ending.committee.state is State.COUNTING


def test_what_is_stated_between_two_signatures_is_drawn_up_again_and_signed_anew(ending: Ending) -> None:
    committee, first = ending.committee, ending.work.papers
    assert first is not None
    ending.certify(1)
    ending.state("Phiếu phát muộn")
    with pytest.raises(StatedMeanwhile):
        ending.certify(2)
    assert ending.certificate is None
    assert committee.state is State.COUNTING
    ending.counting.draw_up(committee.round_id, ending.work, SILENT)
    second = ending.work.papers
    assert second is not None
    assert ("phát muộn".encode() in first.text, "phát muộn".encode() in second.text) == (False, True)
    # The first one's signature was under other papers: it counts for nothing.
    ending.certify(2)
    assert ending.certificate is None
    ending.certify(1)
    assert ending.certificate is not None
    assert committee.state is State.CERTIFIED


def test_after_the_certificate_nothing_is_stated_any_more(ending: Ending) -> None:
    ending.certify_all()
    with pytest.raises(IllegalMove):
        ending.state("Quá muộn")
    # The twin: what is stated before is taken in.
    assert ending.committee.state is State.CERTIFIED
    held = conduct.find(ending.committee.stores.app, ending.committee.round_id)
    assert held.facts.complaints == ()


def test_a_statement_and_a_certificate_at_once_never_leave_papers_that_do_not_say_it(ending: Ending) -> None:
    def stating() -> bool:
        try:
            ending.state("Cùng lúc")
        except IllegalMove:
            return False
        return True

    ending.certify(2)

    def certifying() -> bool:
        try:
            ending.certify(1)
        except StatedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        stated, certified = (each.result() for each in (pool.submit(stating), pool.submit(certifying)))
    assert stated is not certified


def test_more_ballots_than_papers_stop_the_certification_and_are_put_on_record(ending: Ending) -> None:
    """Somebody takes issued papers off the roll's list: the ballots are there, their papers are not."""
    committee = ending.committee
    with committee.stores.engines.roll(committee.round_id).begin() as connection:
        asked = select(roll_models.slips.c.slip).where(roll_models.slips.c.blinded != NOT_ASKED)
        connection.execute(
            update(roll_models.slips)
            .where(roll_models.slips.c.slip.in_(connection.scalars(asked).all()[:2]))
            .values(blinded=NOT_ASKED)
        )
    work = Work()
    ending.counting.begin(committee.round_id, work, SILENT)
    ending.counting.solve(committee.round_id, work, SILENT)
    for _ in range(2):
        with pytest.raises(MoreBallotsThanPapers):
            ending.counting.draw_up(committee.round_id, work, SILENT)
    assert work.papers is None
    facts = conduct.find(committee.stores.app, committee.round_id).facts
    assert [incident.kind for incident in facts.incidents] == ["more_ballots"]


def test_a_process_that_does_not_work_follows_the_count(ending: Ending) -> None:
    """What the pages of another worker show is what the working one has computed, to the byte; nothing is
    done twice.
    """
    committee = ending.committee
    before = ledger.find(committee.stores.app, committee.round_id).state
    jobs = Jobs(committee.settings.jobs)
    other = CountingWork(committee.stores, committee.settings.bundles, jobs)
    awaited(lambda: other.of(committee.round_id).facts is not None)
    work = other.of(committee.round_id)
    assert work.count is not None
    assert work.papers is not None
    assert ending.work.papers is not None
    assert work.count.plan.encode() == ending.count.plan.encode()
    assert work.papers.text == ending.work.papers.text
    assert work.papers.results == ending.work.papers.results
    assert ledger.find(committee.stores.app, committee.round_id).state is before
    assert jobs.all() == ()
    jobs.close()
