"""The rule of a round on the desk: chosen, decided by two at once, taken along as a file, explained before it
is frozen.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from surveys.accounts.roles import Role
from surveys.console.preparation.own_rule import decide_rule, rule_to_edit
from surveys.console.preparation.pages.rule_form import filled
from surveys.names import RoundId, UnitCode
from surveys.rules.copies import copy_of
from surveys.rules.preset import MOST_BYTES, Preset, names
from surveys.rules.written import as_toml
from surveys.stages.errors import RuleChanged
from tests.desk import Desk, a_desk
from tests.staff import Browser, said
from tests.stages.rule_pages import opened, rule, sent
from tests.web.markup import faults


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("rules"))
    yield made
    made.site.stores.close()


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return desk.browser(Role.ORGANIZER, UnitCode("A"))


@pytest.fixture
def round_id(desk: Desk) -> RoundId:
    """A new draft under local-annual."""
    return desk.draft(1)


def test_who_decides_second_is_told_and_overwrites_nothing(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    mine, theirs = opened(browser, round_id), opened(browser, round_id, "nq96-2023")
    assert sent(browser, round_id, theirs).status_code == 303
    answer = sent(browser, round_id, mine)
    assert answer.status_code == 409
    assert "Somebody else decided the rule of this round anew" in said(answer)
    assert rule(desk, round_id) == copy_of(Preset.load("nq96-2023"))
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    old = Preset.load("local-annual")
    with pytest.raises(RuleChanged):
        desk.desks.drafts.decide(organizer, round_id, "rule", seen=old, preset=old)
    assert rule(desk, round_id) == copy_of(Preset.load("nq96-2023"))


def test_without_the_mark_the_second_would_overwrite_the_first(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    editing = rule_to_edit(desk.terms(round_id))
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    decide_rule(desk.desks.drafts, organizer, round_id, copy_of(Preset.load("nq96-2023")), editing.seen)
    with pytest.raises(RuleChanged):
        decide_rule(desk.desks.drafts, organizer, round_id, editing.rule, editing.seen)
    decide_rule(desk.desks.drafts, organizer, round_id, editing.rule)
    assert rule(desk, round_id) == editing.rule


def test_a_rule_of_an_older_version_of_the_house_is_edited_under_a_new_name(
    desk: Desk, browser: Browser
) -> None:
    older = Preset.from_json({**Preset.load("grading").as_json(), "frequency": {"vi": "Cũ", "en": "Old"}})
    round_id = desk.draft(2, preset=older)
    assert browser.post(f"/en/rounds/{round_id}/points/rule", {"preset": "own"}).status_code == 303
    assert rule(desk, round_id) == older
    assert sent(browser, round_id, opened(browser, round_id)).status_code == 303
    assert rule(desk, round_id).name == "grading-2"


def test_a_preset_is_chosen_anew_or_the_own_rule_kept(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    own = copy_of(Preset.load("local-annual"))
    assert sent(browser, round_id, opened(browser, round_id)).status_code == 303
    page = browser.get(f"/en/rounds/{round_id}/points/rule")
    assert "This round has a rule of its own" in said(page)
    assert fields_checked(page.text) == "own"
    for chosen, expected in (("own", own), ("nq85-2014", Preset.load("nq85-2014"))):
        assert browser.post(f"/en/rounds/{round_id}/points/rule", {"preset": chosen}).status_code == 303
        assert rule(desk, round_id) == expected
    for wrong in ("nowhere", "", "../grading"):
        assert browser.post(f"/en/rounds/{round_id}/points/rule", {"preset": wrong}).status_code == 422
    assert rule(desk, round_id) == Preset.load("nq85-2014")


def fields_checked(page: str) -> str:
    found = re.search(r'name="preset" value="([^"]+)" checked', page)
    assert found
    return found[1]


def brought(
    browser: Browser, round_id: RoundId, raw: bytes | None, language: str = "en", name: str = "ours.toml"
) -> Any:
    address = f"/{language}/rounds/{round_id}/points/rule"
    form = {} if raw is None else {"file": (io.BytesIO(raw), name)}
    return browser.post(f"/{language}/rounds/{round_id}/rule.toml", form, at=address)


@pytest.mark.parametrize("name", names())
def test_a_rule_is_taken_along_as_a_file_and_brought_back_equal(
    desk: Desk, browser: Browser, round_id: RoundId, name: str
) -> None:
    for own in (Preset.load(name), copy_of(Preset.load(name))):
        assert brought(browser, round_id, as_toml(own).encode()).status_code == 303
        assert rule(desk, round_id) == own
        answer = browser.get(f"/en/rounds/{round_id}/rule.toml")
        assert answer.mimetype == "application/toml"
        assert answer.headers["Content-Disposition"] == f"attachment; filename={own.name}.toml"
        assert Preset.from_bytes(answer.data, "x") == own


GOOD = as_toml(copy_of(Preset.load("local-annual")))
BAD_FILES = {
    "none": (None, "Choose a file."),
    "no TOML": (b"\xff\xfe", "This is no rule: not a TOML file in UTF-8, or a line of it is too long."),
    "a line too long": (b"#" * 5000, "This is no rule: not a TOML file in UTF-8, or a line of it is "
                                     "too long."),
    "too large": (b"# x\n" * (MOST_BYTES // 4 + 1), "This rule is too large: at most 128 KB as a file."),
    "a wrong operator": (GOOD.replace('op = "<"', 'op = "="').encode(), "Outcome 1, Condition 2, "
                                                                        "Comparison: This is none of the "
                                                                        "possible values."),
    "a missing text": (GOOD.replace('[not_marked]\nvi = "Không đánh dấu"\n', "[not_marked]\n").encode(), "Words for rows not "
                                                                                                         "marked, "
                                                                                                         "Vietnamese: This is "
                                                                                                         "missing."),
    "an unknown field": (b"surprise = 1\n" + GOOD.encode(), "A rule has no such field."),
    "a missing part": (re.sub(r"(?m)^denominator = .*\n", "", GOOD).encode(), "What percentages are of: "
                                                                              "This is missing."),
    "a wrong shape": (GOOD.replace("[frequency]\nvi", "[frequency.x]\nvi").encode(), "How often, English: "
                                                                                     "This is missing."),
    "no number": (GOOD.replace("dossier = 20", "dossier = -1").encode(), "Deadlines, “dossier”: A whole "
                                                                         "number from 0 to 365."),
    "a preset's name": (GOOD.replace('name = "local-annual-2"', 'name = "local-annual"').encode(), "Name of the rule: "
                                                                                                   "These "
                                                                                                   "are "
                                                                                                   "the words of a "
                                                                                                   "rule of the house, and "
                                                                                                   "this rule is another "
                                                                                                   "one: say "
                                                                                                   "that it was edited."),
    "a preset's source": (GOOD.replace("Phỏng theo “", "", 1).replace("”, đã sửa cho đợt này", "", 1).replace(chr(92), "").encode(), "Source, Vietnamese: "
                                                                                                                                     "These are "
                                                                                                                                     "the words of "
                                                                                                                                     "a rule of the house, "
                                                                                                                                     "and "
                                                                                                                                     "this rule is another "
                                                                                                                                     "one: say "
                                                                                                                                     "that it was edited."),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "sentence"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_rule_is_refused_with_one_sentence(
    desk: Desk, browser: Browser, round_id: RoundId, raw: bytes | None, sentence: str
) -> None:
    head = desk.desks.log.head()
    answer = brought(browser, round_id, raw)
    assert answer.status_code == 422
    assert faults(answer.text) == []
    assert re.findall(r'<li><a href="#file">(.*?)</a></li>', answer.text) == [sentence]
    assert rule(desk, round_id) == Preset.load("local-annual")
    assert desk.desks.log.head() == head


def test_a_file_beyond_all_measure_is_not_read(browser: Browser, round_id: RoundId) -> None:
    assert brought(browser, round_id, b"#" * (MOST_BYTES + 20_000)).status_code == 413


def test_a_rule_with_five_levels_and_deadlines_of_its_own_can_be_edited(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    base: Any = copy_of(Preset.load("grading")).as_json()
    base["levels"].append({"id": "fifth", "vi": "Mức năm", "en": "Fifth"})
    base["deadlines"] = {"hearing": 7, "answers": 3}
    assert brought(browser, round_id, as_toml(Preset.from_json(base)).encode()).status_code == 303
    fields = opened(browser, round_id)
    assert fields["levels-4-en"] == "Fifth"
    assert sent(browser, round_id, {**fields, "deadlines-4-days": "8"}).status_code == 303
    assert rule(desk, round_id).deadlines == {"hearing": 8, "answers": 3}
    assert rule(desk, round_id).level_ids[-1] == "fifth"


def test_what_is_typed_is_explained_as_far_as_it_is_complete(browser: Browser, round_id: RoundId) -> None:
    fields = {**opened(browser, round_id), "n": "47", "title-vi": "", "outcomes-1-all-0-of": "x"}
    answer = sent(browser, round_id, fields, "show")
    assert answer.status_code == 200
    text = said(answer)
    assert "of 47 ballots returned: from 24 to 31 “Low confidence”" in text
    assert "It is explained here as soon as its conditions are complete." in text
    assert "24–31 “Low confidence”" in text
    # The round over A has 15 voters.
    assert "8–9 “Low confidence”" in text


def test_what_is_doubtful_is_said_and_marks_the_task(desk: Desk, browser: Browser, round_id: RoundId) -> None:
    fields = {**opened(browser, round_id), "outcomes-1-all-0-op": ">"}
    assert (
        "leave a gap: when exactly two thirds of the ballots returned say “Low confidence”, neither applies"
        in said(sent(browser, round_id, fields, "show"))
    )
    tasks = {task.name: task.standing for task in desk.desks.drafts.look(round_id).tasks}
    assert tasks["rule"] == "proposed"
    assert sent(browser, round_id, fields).status_code == 303
    tasks = {task.name: task.standing for task in desk.desks.drafts.look(round_id).tasks}
    assert tasks["rule"] == "look"
    assert "leave a gap" in said(browser.get(f"/en/rounds/{round_id}/points/rule"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_sound_and_explain_every_preset(
    browser: Browser, round_id: RoundId, language: str
) -> None:
    page = browser.get(f"/{language}/rounds/{round_id}/points/rule")
    assert faults(page.text) == []
    for name in names():
        assert faults(browser.get(f"/{language}/rounds/{round_id}/rule?of={name}").text) == []
    words = {
        "en": "more than half, and less than two thirds, of the ballots returned",
        "vi": "trên một nửa và dưới hai phần ba số phiếu thu về",
    }
    assert said(page).count(words[language]) == 3


def test_an_unknown_preset_is_not_copied(browser: Browser, round_id: RoundId) -> None:
    assert browser.get(f"/en/rounds/{round_id}/rule?of=nowhere").status_code == 422
    assert sent(browser, round_id, {**opened(browser, round_id), "of": "nowhere"}).status_code == 422


def test_markup_in_the_words_of_a_rule_stays_text(browser: Browser, round_id: RoundId) -> None:
    evil = "<script>alert(1)</script>"
    fields = {**opened(browser, round_id), "outcomes-0-en": evil, "levels-2-en": evil}
    for answer in (
        sent(browser, round_id, fields, "show"),
        sent(browser, round_id, fields),
        browser.get(f"/en/rounds/{round_id}/points/rule"),
    ):
        assert evil not in answer.text


def test_the_rule_is_looked_through_in_words_before_freezing(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    desk.slips(round_id)
    assert (
        sent(
            browser,
            round_id,
            {**opened(browser, round_id), "outcomes-1-all-0-of": "3", "outcomes-1-all-0-times": "4"},
        ).status_code
        == 303
    )
    page = said(browser.get(f"/en/rounds/{round_id}/freeze"))
    assert "The rule in words" in page
    assert "when at least three quarters of the ballots returned say “Low confidence”" in page
    assert "Annual confidence vote (edited). After “A local proposal" in page
    assert "of 15 ballots returned: from 12 to 15 “Low confidence”" in page


def test_the_form_holds_a_rule_without_loss(desk: Desk) -> None:
    from surveys.console.preparation.pages.rule_form import as_rule

    with desk.site.app.test_request_context("/en/"):
        for name in names():
            copy = copy_of(Preset.load(name))
            assert Preset.from_json(as_rule(filled(copy, "", "", 100), copy)) == copy
