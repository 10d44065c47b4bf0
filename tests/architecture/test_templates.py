"""Templates: one door each, one `page` whose fields they use, nothing inline, nothing unescaped."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from surveys.accounts.pages import forgotten, invited, log, signing_in
from surveys.accounts.pages import organisation as provider
from surveys.accounts.pages import staff as accounts
from surveys.box.pages.voter import Shell
from surveys.committee.pages import trustee
from surveys.console.exhibits.pages import staff as exhibits
from surveys.console.home.pages import staff as desk
from surveys.console.letters.pages import staff as letters
from surveys.console.organisation.pages import overview as organisation
from surveys.console.organisation.pages import records, uploads
from surveys.console.polls.pages import polls
from surveys.console.polls.pages import staff as conduct
from surveys.console.preparation.pages import drafts, freezing, rules
from surveys.console.small.pages import staff as small
from surveys.console.statements.pages import staff as statements
from surveys.handbook.pages.public import ContentsPage, HandbookPage
from surveys.instance.room import Sheet as RoomSheet
from surveys.papers.pages import staff as staff_papers
from surveys.results.pages import reading, unit_view
from surveys.results.pages import staff as readers
from surveys.results.pages.public import ResultsPage, RoundsPage
from surveys.results.pages.public_board import BoardPage, VerifyPage
from surveys.roll.pages import organizer as office
from surveys.roll.slip_sheets import Sheets
from surveys.web.doors import Refusal

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
PAGES = {
    "results/rounds.html": RoundsPage,
    "results/round.html": ResultsPage,
    "results/board.html": BoardPage,
    "results/verify.html": VerifyPage,
    "web/refusal.html": Refusal,
    "handbook/contents.html": ContentsPage,
    "handbook/book.html": HandbookPage,
    "box/booth.html": Shell,
    "box/check.html": Shell,
    "box/projector.html": Shell,
    "box/receipt.html": Shell,
    "roll/slips.html": office.Shell,
    "committee/trustee.html": trustee.Shell,
    "accounts/refusal.html": Refusal,
    **dict.fromkeys(
        (
            f"accounts/{name}.html"
            for name in ("sign_in", "code", "recovery", "factor", "confirm", "password")
        ),
        signing_in.FormPage,
    ),
    "accounts/code_setup.html": signing_in.CodeSetupPage,
    "accounts/passkeys.html": signing_in.PasskeysPage,
    "accounts/passkey.html": signing_in.PasskeyAskedPage,
    "accounts/recovery_codes.html": signing_in.RecoveryCodesPage,
    "accounts/forgotten.html": forgotten.ForgottenPage,
    "accounts/organisation.html": provider.AnswerPage,
    "accounts/invitation.html": invited.InvitationPage,
    "accounts/mine.html": accounts.MyAccountPage,
    "accounts/token.html": accounts.TokenPage,
    "accounts/token_made.html": accounts.TokenMadePage,
    "accounts/second_factor.html": accounts.SecondFactorPage,
    "accounts/people.html": accounts.PeoplePage,
    "accounts/invite.html": accounts.InvitePage,
    "accounts/invited.html": accounts.InvitedPage,
    "accounts/person.html": accounts.PersonPage,
    "accounts/log.html": log.LogPage,
    "desk/home.html": desk.HomePage,
    "desk/rounds.html": drafts.ListPage,
    "desk/new_round.html": drafts.NewRoundPage,
    "desk/prepare.html": drafts.PreparePage,
    **dict.fromkeys(
        (
            f"desk/point_{point}.html"
            for point in ("basics", "subjects", "calendar", "settings", "committee", "slips", "papers")
        ),
        drafts.PointPage,
    ),
    "desk/point_rule.html": rules.RulePage,
    "desk/rule.html": rules.EditPage,
    "desk/freeze.html": freezing.FreezePage,
    "desk/round.html": conduct.RoundPage,
    "desk/polls.html": polls.PollsPage,
    "desk/small_names.html": small.NamesPage,
    "desk/small.html": small.SmallPage,
    "desk/confirm_open.html": polls.ConfirmOpenPage,
    "desk/confirm_close.html": polls.ConfirmClosePage,
    "desk/confirm_freeze.html": freezing.ConfirmFreezePage,
    "desk/attendance.html": conduct.AttendancePage,
    "desk/committee.html": conduct.CommitteePage,
    "desk/member_link.html": conduct.MemberLinkPage,
    "desk/script.html": conduct.ScriptPage,
    "desk/incidents.html": statements.IncidentsPage,
    "desk/statement.html": statements.StatementPage,
    "results/readers.html": readers.ReadersPage,
    "results/leader.html": readers.LeaderView,
    "results/unit.html": unit_view.UnitView,
    "results/papers.html": staff_papers.PapersPage,
    "results/reading.html": reading.ReadingPage,
    "results/reading_links.html": reading.LinksPage,
    "results/reading_link.html": reading.LinkPage,
    "results/focus.html": readers.FocusView,
    **dict.fromkeys(
        (f"results/{name}.html" for name in ("years", "posts", "grades", "turnout")), readers.DrawnView
    ),
    "desk/exhibits.html": exhibits.ExhibitsPage,
    "desk/exhibit.html": exhibits.ExhibitPage,
    "organisation/overview.html": organisation.OverviewPage,
    "organisation/tree.html": organisation.TreePage,
    "organisation/unit.html": organisation.UnitPage,
    "organisation/person.html": organisation.PersonPage,
    "organisation/record.html": records.RecordPage,
    "organisation/upload.html": uploads.UploadPage,
    "desk/letters.html": letters.LettersPage,
    "desk/reminder.html": letters.ReminderPage,
    "desk/reminder_preview.html": letters.PreviewPage,
}
# Templates that are handed the page by one that extends a door.
HANDED_ON = {
    "results/contest.html": (ResultsPage,),
    "results/drawn.html": (readers.DrawnView,),
    "doors/voter.html": (Shell,),
    "doors/script.html": (VerifyPage, Shell, office.Shell, trustee.Shell),
    "print/slips.html": (Sheets,),
    "print/room.html": (RoomSheet,),
}
# Written to the organizer's own disk and never served: no policy of ours reaches it, so its style stands in
# it.
NEVER_SERVED = ("print/slips.html", "print/room.html")
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
# A link that a person follows loads nothing.
LINK = re.compile(r'<a\s[^>]*href="https://[^"]+"')
ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)
FORBIDDEN = re.compile(
    r"\|\s*safe\b|Markup|autoescape|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=\")|https?://",
    re.IGNORECASE,
)


def _used(name: str) -> set[str]:
    """The attributes of `page` that a template reads."""
    tree = ENVIRONMENT.parse((TEMPLATES / name).read_text("utf-8"))
    return {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "page"
    }


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_inline_unescaped_or_from_elsewhere(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    text = LINK.sub("", STYLE.sub("", text) if name in NEVER_SERVED else text)
    assert FORBIDDEN.search(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "{{ x | safe }}",
        "<p style='a'>",
        "<a onclick=x>",
        "<script>x</script>",
        '<a href="javascript:x">',
        "<style>",
        '<link href="https://example.org/a.css">',
    ],
)
def test_something_inline_is_seen(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_a_page_extends_one_door_and_nothing_else_does() -> None:
    extending = {
        name
        for name in NAMES
        if not name.startswith("doors/")
        and '{% extends "doors/' in (TEMPLATES / name).read_text("utf-8").split("\n")[0]
    }
    assert extending == set(PAGES)


def test_head_and_frame_of_a_page_stand_once() -> None:
    """Without the base a page would be without what it promises: one main, and a way past the header."""
    whole = {name for name in NAMES if "<!doctype" in (TEMPLATES / name).read_text("utf-8").lower()}
    assert whole == {"doors/base.html", *NEVER_SERVED}
    roots = {name: _root(name) for name in NAMES if name.startswith("doors/")}
    assert set(roots.values()) == {"doors/base.html"}


def _root(name: str) -> str:
    """The template at the bottom of what this one extends."""
    tree = ENVIRONMENT.parse((TEMPLATES / name).read_text("utf-8"))
    extended = [each.template.value for each in tree.find_all(nodes.Extends)]  # type: ignore[attr-defined]
    return _root(extended[0]) if extended else name


HANDED = [(name, page) for name, pages in HANDED_ON.items() for page in pages]


@pytest.mark.parametrize(("name", "page"), [*PAGES.items(), *HANDED])
def test_a_template_uses_only_fields_of_its_page(name: str, page: type) -> None:
    assert _used(name) <= {field.name for field in dataclasses.fields(page)}


@pytest.mark.parametrize("page", sorted({*PAGES.values(), *(page for _, page in HANDED)}, key=str))
def test_each_field_of_a_page_is_used(page: type) -> None:
    used = set().union(*(_used(name) for name, given in [*PAGES.items(), *HANDED] if given is page))
    assert used == {field.name for field in dataclasses.fields(page)}
