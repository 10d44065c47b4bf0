"""The end of a round, killed at any step and clicked twice: it is published once, and what is published verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from surveys.audit.verifier import verify
from surveys.committee.certifying import accept_certificate, certificate_in
from surveys.committee.counting import Count, accept_share
from surveys.committee.errors import StaleMessage
from surveys.jobs.progress import Silent
from surveys.jobs.queue import Jobs
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.certificate import certificate_of
from surveys.results.ledger import published_surveys
from surveys.roll import models as roll_models
from surveys.roll.attendance import NOT_ASKED
from surveys.rounds import conduct
from surveys.rounds.errors import IllegalMove, StatedMeanwhile
from surveys.rounds.states import State
from surveys.stages.counting_work import CountingWork, Work
from surveys.stages.errors import MoreBallotsThanPapers
from tests.committee.test_faulty_members import SEEDS, Scene
from tests.faults.dying import ends, kill_before_step
from tests.journeys.test_committee import Committee, a_committee

SILENT = Silent()


@dataclass
class Ending:
    """A round whose papers are drawn up."""

    committee: Committee
    counting: CountingWork
    work: Work
    count: Count

    def certify(self, trustee: int) -> None:
        from surveys.committee.trustee import Trustee

        papers = self.work.papers
        assert papers is not None
        certified = papers.certified(self.count)
        signed = Trustee(SEEDS[trustee - 1], trustee).certify(
            self.count.manifest, self.count.ceremony, certified
        )
        certificate = certificate_of(trustee, certified, signed)
        facts = self.work.facts
        assert facts is not None
        accept_certificate(
            self.committee.stores.app,
            self.count,
            certified,
            certificate,
            lambda connection: conduct.settle(
                connection, self.committee.keyring, self.committee.survey, facts
            ),
        )

    def state(self, text: str) -> None:
        conduct.complain(self.committee.stores.app, self.committee.keyring, self.committee.survey, text)


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[Ending]:
    # Without a site: its clock would count and publish too, and a child forked while that thread writes waits for ever.
    with a_committee(tmp_path / "instance", voters=8, with_site=False) as committee:
        scene = Scene(committee, [])
        _ceremony(scene)
        committee.open_vote_close()
        jobs = Jobs(committee.settings.jobs)
        counting = CountingWork(committee.stores, committee.keyring, committee.settings.bundles, jobs)
        work = Work()
        counting.begin(committee.survey, work, SILENT)
        assert work.count is not None
        assert work.board is not None
        manifest, record = work.count.manifest, work.count.ceremony
        ballots = [decode_ballot(raw, manifest) for raw in work.board.ballots]
        for trustee in scene.trustees[:2]:
            given = trustee.count(
                manifest, record, ballots, work.board.checkpoint.checkpoint, work.count.plan
            )
            accept_share(committee.stores.app, work.count, given.share, given.cosignature)
        counting.solve(committee.survey, work, SILENT)
        counting.draw_up(committee.survey, work, SILENT)
        yield Ending(committee, counting, work, work.count)
        jobs.close()


def _ceremony(scene: Scene) -> None:
    from surveys.committee import ceremony
    from surveys.rounds import ledger
    from surveys.stages import opening

    committee = scene.committee
    stores, definition = (
        committee.stores,
        ledger.find(committee.stores.app, committee.keyring, committee.survey).definition,
    )
    for trustee in scene.trustees:
        ceremony.accept_commit(stores.app, definition, 1, trustee.commit(definition, 1))
    commits = ceremony.commits_of(stores.app, definition, 1)
    for trustee in scene.trustees:
        ceremony.accept_deal(stores.app, definition, 1, trustee.deal(definition, 1, commits))
    manifest = opening.make_manifest(stores, committee.keyring, definition, 1)
    deals = ceremony.record(stores.app, definition, 1).deals
    for trustee in scene.trustees:
        ceremony.accept_confirm(stores.app, manifest, 1, trustee.confirm(manifest, 1, commits, deals))
    opening.confirm(stores, manifest, 1)


def test_publishing_that_is_killed_at_any_step_is_gone_on_with(ending: Ending) -> None:
    ending.certify(1)
    survey, killed = ending.committee.survey, 0
    for step in range(1, 200, 3):
        if ends(lambda: ending.counting.publish(survey, ending.work, SILENT), kill_before_step(step)):
            break
        killed += 1
        bundle = ending.committee.settings.bundles / f"{survey}.zip"
        assert not bundle.exists() or verify(bundle, jobs=1).good
    assert killed > 3
    assert ending.committee.state is State.PUBLISHED
    assert published_surveys(ending.committee.stores.app) == {survey}
    assert verify(ending.committee.settings.bundles / f"{survey}.zip", jobs=1).good


def test_a_restart_after_the_certificate_finds_the_certified_minutes_again(ending: Ending) -> None:
    """Killed before publishing, the papers are drawn up anew; the typeset minutes lie where they lay."""
    committee, work = ending.committee, ending.work
    path = committee.settings.bundles / f"{committee.survey}.pdf"
    assert work.papers is not None
    assert json.loads(work.papers.minutes)["pdf"] == sha256(path.read_bytes()).hexdigest()
    ending.certify(1)
    for lost in (False, True):
        if lost:
            path.unlink()
        again = Work()
        ending.counting.begin(committee.survey, again, SILENT)
        ending.counting.solve(committee.survey, again, SILENT)
        ending.counting.draw_up(committee.survey, again, SILENT)
        assert again.papers == work.papers
        assert json.loads(work.papers.minutes)["pdf"] == sha256(path.read_bytes()).hexdigest()
    ending.counting.publish(committee.survey, again, SILENT)
    bundle = committee.settings.bundles / f"{committee.survey}.zip"
    assert verify(bundle, jobs=1, minutes=path).good


def test_two_certificates_at_once_and_the_first_one_stands(ending: Ending) -> None:
    def certify(trustee: int) -> bool:
        try:
            ending.certify(trustee)
        except StaleMessage:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(certify, (1, 2)))
    assert sorted(done) == [False, True]
    held = certificate_in(ending.committee.stores.app, ending.committee.survey)
    assert held is not None
    assert held.trustee == (1, 2)[done.index(True)]
    ending.certify(held.trustee)  # clicked again: nothing changes


def test_what_is_stated_after_the_papers_is_drawn_up_again_and_only_that_is_certified(ending: Ending) -> None:
    committee, first = ending.committee, ending.work.papers
    assert first is not None
    ending.state("Phiếu phát muộn")
    with pytest.raises(StatedMeanwhile):
        ending.certify(1)
    assert certificate_in(committee.stores.app, committee.survey) is None
    assert committee.state is State.COUNTING
    ending.counting.draw_up(committee.survey, ending.work, SILENT)
    second = ending.work.papers
    assert second is not None
    assert ("phát muộn".encode() in first.text, "phát muộn".encode() in second.text) == (False, True)
    ending.certify(1)
    assert committee.state is State.CERTIFIED


def test_after_the_certificate_nothing_is_stated_any_more(ending: Ending) -> None:
    ending.certify(1)
    with pytest.raises(IllegalMove):
        ending.state("Quá muộn")
    # The twin: what is stated before is taken in.
    assert ending.committee.state is State.CERTIFIED
    held = conduct.find(ending.committee.stores.app, ending.committee.keyring, ending.committee.survey)
    assert held.facts.complaints == ()


def test_a_statement_and_a_certificate_at_once_never_leave_papers_that_do_not_say_it(ending: Ending) -> None:
    def stating() -> bool:
        try:
            ending.state("Cùng lúc")
        except IllegalMove:
            return False
        return True

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
    with committee.stores.roll(committee.survey).begin() as connection:
        asked = select(roll_models.slips.c.slip).where(roll_models.slips.c.blinded != NOT_ASKED)
        connection.execute(
            update(roll_models.slips)
            .where(roll_models.slips.c.slip.in_(connection.scalars(asked).all()[:2]))
            .values(blinded=NOT_ASKED)
        )
    work = Work()
    ending.counting.begin(committee.survey, work, SILENT)
    ending.counting.solve(committee.survey, work, SILENT)
    for _ in range(2):
        with pytest.raises(MoreBallotsThanPapers):
            ending.counting.draw_up(committee.survey, work, SILENT)
    assert work.papers is None
    facts = conduct.find(committee.stores.app, committee.keyring, committee.survey).facts
    assert [incident.kind for incident in facts.incidents] == ["more_ballots"]
