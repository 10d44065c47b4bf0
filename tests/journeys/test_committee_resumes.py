"""A member's whole check goes on where it was: after a reload, with nothing believed that anybody else could
have written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.test_committee import Committee, Member, a_committee, ceremony, enter

VOTERS = 150  # most of them vote: three slices of ballots, two of requests
SLICES = 3 + 2
CHECKED = "JSON.parse(JSON.stringify(localStorage))"
ONE_HAND = "Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 })"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Committee, str]]:
    """A committee whose board waits to be cosigned, and the sheet of its first member."""
    with a_committee(tmp_path_factory.mktemp("instance"), VOTERS) as committee:
        members = [Member.at(browser, committee.link(i)) for i in (1, 2, 3)]
        ceremony(committee, members)
        committee.open_vote_close()
        members[0].sees("Download and check the board")
        for member in members:
            member.context.close()
        yield committee, members[0].sheet


def back(browser: Browser, sealed: tuple[Committee, str]) -> Member:
    """The first member, on a device that has not seen this vote."""
    committee, sheet = sealed
    member = Member.at(browser, committee.link(1))
    member.sheet = sheet
    member.context.add_init_script(ONE_HAND)
    member.page.reload()
    enter([member])
    return member


def seals(member: Member) -> list[str]:
    """What this browser remembers of checked slices."""
    held: dict[str, str] = member.page.evaluate(CHECKED)
    return [seal for name, text in held.items() if name.startswith("tn-checked") for seal in text.split()[1:]]


def checked(member: Member) -> str:
    """Make the whole check; the words."""
    member.press("Download and check the board")
    member.sees("The syllables are the same, I sign", 120)
    member.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    return member.page.locator(".words").inner_text()


def test_a_reload_in_the_middle_costs_only_what_was_not_checked(
    browser: Browser, sealed: tuple[Committee, str]
) -> None:
    member = back(browser, sealed)
    member.press("Download and check the board")
    said = member.page.evaluate(
        """() => new Promise((moved) => { const look = () => document.querySelector('#bar')?.value > 1000
        ? moved(document.body.innerText) : setTimeout(look, 5); look(); })"""
    )
    assert "goes on from there" in said
    member.page.reload()
    before = seals(member)
    assert 1 <= len(before) < SLICES, "it was interrupted in the middle"
    enter([member])
    words = checked(member)
    after = seals(member)
    # Whatever was checked is remembered once: what was there before was not checked again.
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) == SLICES
    other = back(browser, sealed)
    assert checked(other) == words, "who has checked all of it at once sees the same"
    assert set(seals(other)) == set(after)
    member.context.close()
    other.context.close()


def test_what_was_written_by_anybody_without_the_sheet_is_worth_nothing(
    browser: Browser, sealed: tuple[Committee, str]
) -> None:
    """The seals of another member's browser, over the same board, and seals that are made up."""
    member = back(browser, sealed)
    checked(member)
    good = seals(member)
    (name,) = [key for key in member.page.evaluate(CHECKED) if key.startswith("tn-checked")]
    board = member.page.evaluate(f"localStorage.getItem({json.dumps(name)})").split()[0]
    forged = [seal[::-1] for seal in good]
    member.page.reload()
    member.page.evaluate(
        f"localStorage.setItem({json.dumps(name)}, {json.dumps(' '.join([board, *forged]))})"
    )
    member.page.reload()
    enter([member])
    checked(member)
    assert seals(member) == [*forged, *good], "all of it was checked again"
    # Of another board, what was kept goes.
    member.page.evaluate(
        f"localStorage.setItem({json.dumps(name)}, {json.dumps(' '.join(['00' * 32, *good]))})"
    )
    member.page.reload()
    enter([member])
    checked(member)
    assert sorted(seals(member)) == sorted(good)
    assert member.page.evaluate(f"localStorage.getItem({json.dumps(name)})").split()[0] == board
    member.context.close()


def test_sums_out_of_what_is_remembered_open_the_same_count(
    browser: Browser, sealed: tuple[Committee, str], tmp_path: Path
) -> None:
    """The member cosigns after a check of which all was remembered; the server takes its checkpoint
    and plan.
    """
    member = back(browser, sealed)
    checked(member)
    member.page.reload()
    enter([member])
    checked(member)
    assert len(seals(member)) == SLICES
    member.press("The syllables are the same, I sign")
    member.press("Look, and open")
    member.sees("Call them first")
    expect(member.page.get_by_role("heading", name="Members are missing")).to_be_visible()
    member.context.close()
