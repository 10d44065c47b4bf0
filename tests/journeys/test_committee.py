"""Three committee members in three browsers: ceremony, count and certificate, until anybody can verify the
bundle.
"""

from __future__ import annotations

import os
import re
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
from surveys.instants import read_instant
from surveys.names import RoundId
from surveys.rehearsal import random_script
from surveys.rehearsal.voters import Act, Place, vote
from surveys.roll.listing import Voter
from surveys.roll.slips import make_slips
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rounds.states import State
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import closing, opening, preparing
from surveys.stages.freezing import freeze
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from surveys.web.clients import built_clients
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.polls import SURVEY, a_hall
from tests.organisations import some_terms
from tests.pace import slower
from tests.served import served


@dataclass
class Committee:
    """A frozen round whose members have links."""

    settings: Settings
    stores: Stores
    acts: list[Act]
    site: str

    @property
    def round_id(self) -> RoundId:
        return RoundId(SURVEY.hex())

    def link(self, trustee: int) -> str:
        token = make_link(
            self.stores.engines.app, self.round_id, Purpose.TRUSTEE, trustee, datetime.now(UTC), 1
        )
        return f"{self.site}/k/{self.round_id}/?lang=en#{token}"

    @property
    def names(self) -> tuple[str, ...]:
        return ledger.find(self.stores.app, self.round_id).definition.trustees

    @property
    def state(self) -> State:
        return ledger.find(self.stores.app, self.round_id).state

    def open_vote_close(self) -> None:
        """Open, let the voters vote, close."""
        manifest = ledger.find(self.stores.app, self.round_id).manifest
        assert manifest is not None
        present = [panel.voters for panel in manifest.definition.panels]
        opening.open_polls(self.stores.engines, manifest, present, read_instant("2026-11-23T01:00:00Z"))
        place = Place(self.settings.stores, self.stores.keyring, manifest)
        for act in self.acts:
            vote(place, act)
        closing.close_polls(self.stores.engines, manifest, read_instant("2026-11-23T10:00:00Z"))


@contextmanager
def a_committee(folder: Path, voters: int = 12, *, with_site: bool = True) -> Iterator[Committee]:
    settings = Settings(instance=folder)
    stores = Stores(Engines(settings.stores), Keyring.fresh())
    stores.engines.migrate_app()
    organisation, preset = a_hall(voters, 3), Preset.load(DEFAULT)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named, visibility="public")
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    people = [Voter(p, code) for p, codes in enumerate(electorate.panels.values()) for code in codes]
    slips = make_slips(SURVEY, people)
    keys = preparing.make_panel_keys(stores.keyring, len(electorate.panels), 1, lambda: None)
    freeze(stores, terms, organisation, electorate, [slip.entry for slip in slips], keys)
    script = random_script(electorate, preset, 1)
    acts = [
        Act(s.voter.panel, s.code, script.acts[s.voter.code]) for s in slips if s.voter.code in script.acts
    ]
    if with_site:
        with served(make_site(settings, stores)) as port:
            yield Committee(settings, stores, acts, f"http://127.0.0.1:{port}")
    else:
        yield Committee(settings, stores, acts, "")
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
        patient(member.page)
        member.page.goto(link)
        return member

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def sees(self, text: str, seconds: float = 90) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=1000 * seconds)

    def without_barrier(self) -> None:
        without_barrier(self.page)

    def make_sheet(self) -> None:
        self.press("Make my key sheet")
        self.sees("Where to keep it")
        self.sheet = " ".join(self.page.locator("ol.sheet li").all_inner_texts())
        self.press("I have printed or copied it")
        self.enter()

    def enter(self, sheet: str | None = None) -> None:
        self.sees("Type the 13 groups")
        for number, group in enumerate((sheet or self.sheet).split(), 1):
            self.page.get_by_label(f"Group {number}", exact=True).fill(group)
        self.press("Go on")


def test_a_wrong_character_costs_one_group(committee: Committee, browser: Browser) -> None:
    """What was typed stays, the faulty group has the focus and says why; nothing has to be typed twice."""
    member = Member.at(browser, committee.link(1))
    member.press("Make my key sheet")
    member.sees("Where to keep it")
    groups = member.page.locator("ol.sheet li").all_inner_texts()
    member.without_barrier()
    member.press("I have printed or copied it")
    wrong = [*groups]
    wrong[4] = wrong[4][:3] + wrong[4][4] + wrong[4][3] if wrong[4][3] != wrong[4][4] else "00000"
    wrong[9] = ""
    member.enter(" ".join(group or "-" for group in wrong))
    fields = [member.page.get_by_label(f"Group {n}", exact=True) for n in range(1, 14)]
    expect(member.page.get_by_role("alert")).to_contain_text("Group 5")
    assert [field.input_value() for field in fields] == [group or "-" for group in wrong]
    expect(fields[4]).to_be_focused()
    expect(member.page.locator("#said-5")).to_have_text("Group 5 has a wrong character")
    member.without_barrier()
    fields[4].fill(groups[4])
    member.press("Go on")
    expect(member.page.get_by_role("alert")).to_contain_text("Group 10")
    expect(fields[9]).to_be_focused()
    # The other language keeps them too.
    member.press("Tiếng Việt")
    expect(member.page.get_by_label("Nhóm 5", exact=True)).to_have_value(groups[4])
    member.press("English")
    fields[9].fill(groups[9])
    member.press("Go on")
    member.sees("Waiting for the other members to make their sheets")
    member.context.close()


def test_the_printed_sheet_says_what_it_is_and_a_lost_one_what_to_do(
    committee: Committee, browser: Browser
) -> None:
    member = Member.at(browser, committee.link(2))
    member.press("I have lost my key sheet")
    member.sees("The ceremony is not finished: nothing is lost yet.")
    member.without_barrier()
    member.press("Back")
    member.press("Make my key sheet")
    member.sees("Where to keep it")
    member.page.emulate_media(media="print")
    facts = member.page.locator(".paper-facts")
    expect(facts).to_be_visible()
    text = facts.inner_text()
    definition = ledger.find(committee.stores.app, committee.round_id).definition
    for needed in (definition.title_en, f"2. {committee.names[1]}", str(datetime.now(UTC).year), "safe"):
        assert needed in text
    for hidden in ("Print the sheet", "Back"):
        expect(member.page.get_by_role("button", name=hidden)).to_be_hidden()
    expect(member.page.get_by_text("twelve syllables of the board")).to_be_visible()
    assert len(re.findall(rb"/Type ?/Page\b", member.page.pdf(format="A4"))) == 1
    member.context.close()


@pytest.fixture
def committee(tmp_path: Path) -> Iterator[Committee]:
    with a_committee(tmp_path) as made:
        yield made


def ceremony(committee: Committee, members: list[Member]) -> None:
    for member in members:
        member.make_sheet()
    words = []
    for member in members:
        member.sees("The syllables are the same, I confirm")
        words.append(member.page.locator(".words").inner_text())
    assert len(set(words)) == 1
    assert len(words[0].replace("·", " ").split()) == 12
    for member in members:
        member.press("The syllables are the same, I confirm")
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
    assert took < 180 * slower(time.monotonic)
    committee.open_vote_close()
    # Member 1 is lost; members 2 and 3 come back on another device, with their paper.
    sheets = [member.sheet for member in members]
    for member in members:
        member.context.close()
    members = [Member.at(browser, committee.link(i)) for i in (1, 2, 3)]
    for member, sheet in zip(members, sheets, strict=True):
        member.sheet = sheet
    enter(members[1:])
    cosign(members[1:])
    # The third of three has not signed: members 2 and 3 call, and name member 1 absent.
    for member in members[1:]:
        member.press("Look, and open")
        member.sees("Call them first")
        member.sees(f"1. {committee.names[0]}")
        member.without_barrier()
        assert member.page.get_by_role("button", name="Open, naming them absent").is_disabled()
        member.page.get_by_label("I have called").check()
        member.press("Open, naming them absent")
    certify(members[1:], absent=committee.names[0])
    members[2].sees("The results are published.")
    assert committee.state is State.PUBLISHED
    assert verify(committee.settings.bundles / f"{committee.round_id}.zip").good
    assert committee.settings.bundles.stat().st_mode & 0o777 == 0o700
    for member in members:
        member.context.close()


def test_the_token_leaves_the_address_and_stays_in_the_tab(committee: Committee, browser: Browser) -> None:
    link = committee.link(1)
    member = Member.at(browser, link)
    member.sees("Make your key sheet")
    assert member.page.url == link.partition("#")[0]
    member.page.reload()
    member.sees("Make your key sheet")
    other = member.context.new_page()
    other.goto(link.partition("#")[0])
    expect(other.get_by_role("alert")).to_contain_text("lacks the part after #")
    # The link is opened again where it is missing: only the fragment differs.
    other.goto(link)
    expect(other.get_by_role("heading", name="Make your key sheet")).to_be_visible()
    assert "#" not in other.url
    member.context.close()


def enter(members: list[Member]) -> None:
    for member in members:
        member.press("Enter my key sheet")
        member.enter()


def cosign(members: list[Member]) -> None:
    """Each checks the whole board; the twelve syllables are the same for all."""
    words = []
    for member in members:
        member.press("Download and check the board")
        member.sees("The syllables are the same, I sign")
        member.sees("No single ballot is opened")
        member.without_barrier()
        words.append(member.page.locator(".words").inner_text())
        member.press("The syllables are the same, I sign")
        member.sees("Open the result")
    assert len(set(words)) == 1


def beside(member: Member) -> None:
    """On a wide screen of a browser that shows PDFs the table has them beside it: its very bytes, and no
    policy in the way.
    """
    member.page.set_viewport_size({"width": 1280, "height": 900})
    member.page.evaluate("Object.defineProperty(navigator, 'pdfViewerEnabled', { get: () => true })")
    blocked: list[str] = []
    member.page.on("console", lambda message: blocked.append(message.text))
    member.press("Tiếng Việt")
    frame = member.page.locator(".beside iframe")
    expect(frame).to_be_visible()
    assert str(frame.get_attribute("src")).startswith("blob:")
    table = member.page.locator(".beside table").first.bounding_box()
    box = frame.bounding_box()
    assert table is not None
    assert box is not None
    if folder := os.environ.get("SHOTS"):
        member.page.wait_for_timeout(3000)
        member.page.screenshot(path=f"{folder}/beside.png")
    assert box["x"] >= table["x"] + table["width"] / 2
    assert [text for text in blocked if "Content Security Policy" in text] == []
    member.press("English")
    member.page.set_viewport_size({"width": 360, "height": 740})


def certify(members: list[Member], absent: str) -> None:
    for member in members:
        member.sees("Minutes to be certified")
        member.press("Read the minutes")
        member.sees("I certify these minutes")
        member.sees("The minutes are what this device has computed itself.")
        member.without_barrier()
        expect(member.page.locator("iframe")).to_have_count(0)
        member.page.get_by_role("button", name="Open the PDF to read beside").is_visible()
        if member is members[0]:
            beside(member)
        assert absent in member.page.get_by_role("row", name="Absent from the opening").inner_text()
        member.press("I certify these minutes")


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
        # The pages were left open since the ceremony: they hold the sheets, and go on where they were.
        cosign(members)
        members[0].press("Look, and open")
        assert third.result(60) == 0
    certify(members, absent="nobody")
    members[1].sees("The results are published.")
    assert verify(committee.settings.bundles / f"{committee.round_id}.zip").good
    for member in members:
        member.context.close()
