"""Three committee members in three browsers: ceremony, count and certificate, until anybody can verify the bundle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import make_site
from surveys.accounts.links import Purpose, make_link
from surveys.audit.verifier import verify
from surveys.cli import main
from surveys.roll.slips import make_slips
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rounds.states import State
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import closing, opening, preparing
from surveys.stages.freezing import freeze
from surveys.stages.rehearsal import random_script
from surveys.stages.rehearsal.voters import Act, Place, vote
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.clients import built_clients
from tests.journeys.barriers import without_barrier
from tests.journeys.polls import SURVEY, a_hall
from tests.organisations import some_terms
from tests.served import served


@dataclass
class Committee:
    """A frozen round whose members have links."""

    settings: Settings
    stores: Stores
    keyring: Keyring
    acts: list[Act]
    site: str

    @property
    def survey(self) -> str:
        return SURVEY.hex()

    def link(self, trustee: int) -> str:
        token = make_link(self.stores.app, self.survey, Purpose.TRUSTEE, trustee, datetime.now(UTC), 1)
        return f"{self.site}/k/{self.survey}/?lang=en#{token}"

    @property
    def state(self) -> State:
        return ledger.find(self.stores.app, self.keyring, self.survey).state

    def open_vote_close(self) -> None:
        """Open, let the voters vote, close."""
        manifest = ledger.find(self.stores.app, self.keyring, self.survey).manifest
        assert manifest is not None
        present = [panel.voters for panel in manifest.definition.panels]
        opening.open_polls(self.stores, manifest, present, "2026-11-23T01:00:00Z")
        place = Place(self.settings.stores, self.keyring, manifest)
        for act in self.acts:
            vote(place, act)
        closing.close_polls(self.stores, manifest, "2026-11-23T10:00:00Z")


@contextmanager
def a_committee(folder: Path, voters: int = 12, *, with_site: bool = True) -> Iterator[Committee]:
    settings = Settings(instance=folder)
    stores, keyring = Stores(settings.stores), Keyring.fresh()
    stores.migrate_app()
    organisation, preset = a_hall(voters, 3), Preset.load(DEFAULT)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named, visibility="public")
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    people = [
        preparing.Voter(p, code) for p, codes in enumerate(electorate.panels.values()) for code in codes
    ]
    slips = make_slips(SURVEY, people)
    keys = preparing.make_panel_keys(keyring, len(electorate.panels), 1, lambda: None)
    freeze(stores, keyring, terms, organisation, electorate, [slip.entry for slip in slips], keys)
    script = random_script(electorate, preset, 1)
    acts = [
        Act(s.voter.panel, s.code, script.acts[s.voter.code]) for s in slips if s.voter.code in script.acts
    ]
    if with_site:
        with served(make_site(settings, stores, keyring)) as port:
            yield Committee(settings, stores, keyring, acts, f"http://127.0.0.1:{port}")
    else:
        yield Committee(settings, stores, keyring, acts, "")
    stores.close()


@dataclass
class Member:
    """One member at the page, by what is written on the buttons."""

    context: BrowserContext
    page: Page
    sheet: str = ""

    @classmethod
    def at(cls, browser: Browser, link: str) -> Member:
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
        member = cls(context, context.new_page())
        member.page.goto(link)
        return member

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def sees(self, text: str, seconds: float = 20) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=1000 * seconds)

    def without_barrier(self) -> None:
        without_barrier(self.page)

    def make_sheet(self) -> None:
        self.press("Make my key sheet")
        self.sheet = " ".join(self.page.locator("ol.sheet li").all_inner_texts())
        self.press("I have printed or copied it")
        self.enter()

    def enter(self, sheet: str | None = None) -> None:
        for number, group in enumerate((sheet or self.sheet).split(), 1):
            self.page.get_by_label(f"Group {number}", exact=True).fill(group)
        self.press("Go on")


@pytest.fixture
def committee(tmp_path: Path) -> Iterator[Committee]:
    with a_committee(tmp_path) as made:
        yield made


def ceremony(committee: Committee, members: list[Member]) -> None:
    for member in members:
        member.make_sheet()
    words = []
    for member in members:
        member.sees("The words are the same, I confirm")
        words.append(member.page.locator(".words").inner_text())
    assert len(set(words)) == 1
    assert len(words[0].split()) == 8
    for member in members:
        member.press("The words are the same, I confirm")
    for member in members:
        member.sees("The ceremony is finished")
    assert committee.state is State.CONFIRMED


def test_three_members_finish_the_ceremony_count_and_certify(committee: Committee, browser: Browser) -> None:
    began = time.monotonic()
    members = [Member.at(browser, committee.link(i)) for i in (1, 2, 3)]
    members[0].sees("Make your key sheet")
    members[0].without_barrier()
    ceremony(committee, members)
    took = time.monotonic() - began
    print(f"ceremony of three: {took:.1f} s")
    assert took < 180
    committee.open_vote_close()
    # Member 1 is lost; members 2 and 3 come back on another device, with their paper.
    sheets = [member.sheet for member in members]
    for member in members:
        member.context.close()
    members = [Member.at(browser, committee.link(i)) for i in (1, 2, 3)]
    for member, sheet in zip(members, sheets, strict=True):
        member.sheet = sheet
    count(members[1:])
    members[1].press("Read the minutes")
    members[1].sees("I certify these minutes")
    members[1].without_barrier()
    assert "COUNTING MINUTES" in members[1].page.locator("pre.minutes").inner_text()
    members[1].press("I certify these minutes")
    members[2].sees("The results are published.", 60)
    assert committee.state is State.PUBLISHED
    assert verify(committee.settings.bundles / f"{committee.survey}.zip").good
    for member in members:
        member.context.close()


def count(members: list[Member]) -> None:
    for member in members:
        member.press("Enter my key sheet")
        member.enter()
        member.press("Download and check the board")
        member.sees("About to open sums")
        member.sees("No single ballot is opened")
        member.without_barrier()
        member.press("Open these sums")


def test_browsers_and_command_line_sit_in_one_committee(
    committee: Committee, browser: Browser, tmp_path: Path
) -> None:
    paper = tmp_path / "sheet.txt"
    assert CliRunner().invoke(main, ["trustee", "sheet", str(paper)]).exit_code == 0
    link = committee.link(3).replace("?lang=en", "")

    def run(until: str) -> int:
        command = ["trustee", "run", "--yes", "--until", until, "--sheet", str(paper), "--server", link]
        return CliRunner().invoke(main, command).exit_code

    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(run, "confirmed")
        members = [Member.at(browser, committee.link(i)) for i in (1, 2)]
        ceremony(committee, members)
        assert third.result(30) == 0
        committee.open_vote_close()
        third = pool.submit(run, "papers")
        # Member 1's page was left open since the ceremony: it holds the sheet, and goes on where it was.
        members[0].press("Download and check the board")
        members[0].sees("No single ballot is opened")
        members[0].press("Open these sums")
        assert third.result(30) == 0
    members[0].press("Read the minutes")
    members[0].press("I certify these minutes")
    members[1].sees("The results are published.", 60)
    assert verify(committee.settings.bundles / f"{committee.survey}.zip").good
    for member in members:
        member.context.close()
