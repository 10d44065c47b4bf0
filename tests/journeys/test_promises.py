"""What voters were promised stands on the booth's screens: who sees, how many, by which criteria, and which
ballot counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.polls import Polls, open_polls
from tests.journeys.voter import Voter


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


def test_the_welcome_says_who_sees_how_many_and_that_it_is_finished_here(
    polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.sees("welcome")
    said = voter.page.locator("main").inner_text()
    for promised in (
        "Ai xem kết quả",
        "Nhóm bỏ phiếu của bạn có 20 người",
        "Không tổng số nào dưới 5 phiếu được mở",
        "Tiêu chí xem xét",
    ):
        assert promised in said
    expect(voter.page.locator("ol.steps-way li[aria-current=step]")).to_have_text("Giấy mời")
    assert "Ho_Chi_Minh" not in voter.page.content()


def test_each_leader_stands_with_the_criteria_and_no_browser_translates_names(
    polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    leaders = voter.page.locator("fieldset.leader")
    assert leaders.count() == 3
    for leader in leaders.all():
        criteria = leader.locator("details.criteria")
        criteria.locator("summary").click()
        expect(criteria.locator("li")).to_have_count(8)
        expect(criteria).to_contain_text("Nói đi đôi với làm")
        expect(leader.locator(".leader-name")).to_have_attribute("translate", "no")
        expect(leader.locator(".place")).to_have_attribute("translate", "no")
        expect(leader.locator(".choice span[translate=no]")).to_have_count(3)


def test_a_row_without_a_mark_leads_back_to_itself(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.mark(1, 0, 2)
    voter.big.click()
    voter.sees("review")
    expect(voter.page.locator(".marks [translate=no]")).not_to_have_count(0)
    voter.page.get_by_role("button", name="Quay lại dòng này").click()
    voter.sees("marking")
    expect(voter.page.locator("#row-1-1")).to_be_focused()
    assert voter.page.locator("input:checked").count() == 2
    voter.page.locator("label[for=row-1-3]").click()
    voter.big.click()
    voter.sees("review")
    expect(voter.page.get_by_text("Bạn đã đánh dấu cả 3 người")).to_be_visible()
    assert voter.page.get_by_role("button", name="Quay lại dòng này").count() == 0


def test_whoever_votes_again_is_told_at_each_step_that_the_earlier_ballot_counts(
    polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    first = voter.vote(1, 1, 1)
    voter.page.get_by_role("button", name="Bỏ phiếu lại").click()
    told = voter.page.get_by_text("vẫn được tính cho đến khi bạn bỏ phiếu mới")
    back = voter.page.get_by_role("button", name="Giữ phiếu trước, không bỏ lại")
    voter.sees("marking")
    expect(told).to_be_visible()
    voter.mark(3, 3, 3)
    voter.big.click()
    voter.sees("review")
    expect(back).to_be_visible()
    voter.big.click()
    voter.sees("sealed")
    expect(told).to_be_visible()
    back.click()
    voter.sees("done")
    assert voter.tracker == first
