"""The rule of a round on the desk: chosen, copied, edited part by part, taken along as a file; what is wrong
is said at its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from markupsafe import escape

from surveys.accounts.roles import Role
from surveys.console.preparation.pages.rule_sheet import Sheet
from surveys.names import RoundId, UnitCode
from surveys.rules.copies import copy_of
from surveys.rules.preset import MOST_TEXT, Preset, names
from tests.desk import Desk, a_desk
from tests.forms import fields_of
from tests.staff import Browser, said
from tests.stages.rule_pages import errors, opened, rule, sent
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


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", names())
def test_copying_a_preset_and_deciding_makes_its_copy_the_rule_of_the_round(
    desk: Desk, browser: Browser, round_id: RoundId, name: str, language: str
) -> None:
    answer = sent(browser, round_id, opened(browser, round_id, name, language), language=language)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/s/{language}/rounds/{round_id}/points/rule",
    )
    assert rule(desk, round_id) == copy_of(Preset.load(name))
    entry = desk.desks.log.entries()[0]
    assert (entry.act, entry.round_id, dict(entry.facts)) == ("round.decided", round_id, {"point": "rule"})
    # The copy is edited on as it is: its name stays.
    assert sent(browser, round_id, opened(browser, round_id)).status_code == 303
    assert rule(desk, round_id) == copy_of(Preset.load(name))


def test_opening_the_page_and_looking_changes_nothing(
    desk: Desk, browser: Browser, round_id: RoundId
) -> None:
    head = desk.desks.log.head()
    fields = opened(browser, round_id, "nq35-2012")
    assert sent(browser, round_id, fields, "show").status_code == 200
    assert sent(browser, round_id, fields, "add-outcomes").status_code == 200
    assert rule(desk, round_id) == Preset.load("local-annual")
    assert desk.desks.log.head() == head


def test_every_part_of_a_rule_can_be_edited(desk: Desk, browser: Browser, round_id: RoundId) -> None:
    fields = opened(browser, round_id)
    changed = {
        "title-vi": "Tên mới", "title-en": "New title", "source-vi": "Nguồn mới", "source-en": "New source",
        "frequency-vi": "Hai năm", "frequency-en": "Every two years",
        "levels-0-vi": "Cao", "levels-2-en": "Low", "not_marked-vi": "Trống", "denominator": "summoned",
        "quorum-numerator": "1", "quorum-denominator": "2",
        "outcomes-0-vi": "Hệ quả mới", "outcomes-0-source-en": "Our decision", "outcomes-0-all-0-of": "3",
        "outcomes-0-all-0-times": "7", "outcomes-0-all-1-op": "<=", "outcomes-1-all-0-level": "plain",
        "watch-0-en": "Look", "watch-0-all-1-year": "this", "watch-0-all-1-level": "high",
        "deadlines-0-days": "30", "deadlines-3-days": "",
    }  # fmt: skip
    assert set(changed) <= set(fields)
    assert sent(browser, round_id, {**fields, **changed}).status_code == 303
    now = rule(desk, round_id).as_json()
    old = copy_of(Preset.load("local-annual")).as_json()
    expected: dict[str, Any] = {
        **old,
        "title": {"vi": "Tên mới", "en": "New title"},
        "source": {"vi": "Nguồn mới", "en": "New source"},
    }
    expected |= {"frequency": {"vi": "Hai năm", "en": "Every two years"}, "denominator": "summoned"}
    expected |= {
        "quorum": {"numerator": 1, "denominator": 2},
        "deadlines": {"dossier": 30, "questions": 10, "voters": 15},
    }
    expected["levels"][0]["vi"], expected["levels"][2]["en"] = "Cao", "Low"
    expected["not_marked"]["vi"] = "Trống"
    first, second = expected["outcomes"]
    flag = expected["watch"][0]
    first["vi"], first["source"]["en"] = "Hệ quả mới", "Our decision"
    first["all"][0] |= {"of": 3, "times": 7}
    first["all"][1] |= {"op": "<="}
    second["all"][0] |= {"level": "plain"}
    flag["en"] = "Look"
    flag["all"][1] |= {"year": "this", "level": "high"}
    assert now == expected
    assert (
        sent(
            browser, round_id, {**opened(browser, round_id), "quorum-numerator": "", "quorum-denominator": ""}
        ).status_code
        == 303
    )
    assert rule(desk, round_id).quorum is None


TOO_LONG = "x" * (MOST_TEXT + 1)
FILLED = "This field must be filled in."
WRONG = [
    *((f"{part}-{language}", "", FILLED) for part in ("title", "source", "frequency", "not_marked", "levels-1", "outcomes-0", "outcomes-1-source", "watch-0", "watch-0-source") for language in ("vi", "en")),
    ("title-vi", TOO_LONG, "At most 1000 characters."),
    ("outcomes-0-source-en", TOO_LONG, "At most 1000 characters."),
    ("title-en", "two\nlines", "Only letters, digits and signs that can be seen, on one line."),
    ("outcomes-1-vi", "no\u200bwidth", "Only letters, digits and signs that can be seen, on one line."),
    ("levels-2-vi", "right\u202eleft", "Only letters, digits and signs that can be seen, on one line."),
    ("denominator", "present", "Not a valid choice."),
    ("quorum-numerator", "0", "A whole number from 1 to 100."),
    ("quorum-denominator", "x", "A whole number from 1 to 100."),
    ("quorum-denominator", "", "This is missing."),
    ("quorum-numerator", "4", "A quorum cannot be more than everybody."),
    ("outcomes-0-all-0-of", "0", "A whole number from 1 to 1000."),
    ("outcomes-0-all-1-times", "1001", "A whole number from 1 to 1000."),
    ("watch-0-all-0-of", "half", "A whole number from 1 to 1000."),
    ("watch-0-all-1-times", "", FILLED),
    ("outcomes-0-all-0-op", "=", "Not a valid choice."),
    ("outcomes-0-all-0-year", "next", "Not a valid choice."),
    ("outcomes-0-all-0-level", "none", "This is none of the possible values."),
    ("deadlines-0-days", "366", "A whole number from 0 to 365."),
    ("deadlines-2-days", "soon", "A whole number from 0 to 365."),
    ("n", "0", "A whole number from 1 to 10000000."),
    ("n", "many", "A whole number from 1 to 10000000."),
    ("outcomes-1-id", "out_of_planning", "This id is taken already: each has one of its own."),
    ("watch-0-id", "removed", "This id is taken already: each has one of its own."),
    ("outcomes-0-id", "No quorum", "An id is small letters, digits, - and _, at most 40 of them, and "
                                   "begins with a letter."),
    ("title-en", Preset.load("qd96-2023").title["en"], "These are the words of a rule of the house, and "
                                                       "this rule is another one: say that it was edited."),
    ("source-vi", Preset.load("local-annual").source["vi"], "These are the words of a rule of the house, "
                                                            "and this rule is another one: say that it was "
                                                            "edited."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "sentence"), WRONG, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(WRONG)]
)
def test_a_wrong_field_is_refused_with_one_sentence_at_its_place_and_nothing_is_lost(
    desk: Desk, browser: Browser, round_id: RoundId, name: str, value: str, sentence: str
) -> None:
    fields = {**opened(browser, round_id), name: value}
    before, head = rule(desk, round_id), desk.desks.log.head()
    answer = sent(browser, round_id, fields)
    assert answer.status_code == 422
    assert faults(answer.text) == []
    found = {anchor: text[-len(sentence) :] for anchor, text in errors(answer).items()}
    assert found == {name.removesuffix("-id"): sentence}
    # The sentence stands in the summary and at the field.
    assert answer.text.count(escape(sentence)) >= 2
    assert (rule(desk, round_id), desk.desks.log.head()) == (before, head)
    kept = fields_of(answer.text)
    choices = {name} if re.search("op|year|level|denominator$", name) else set()
    differing = {
        each
        for each in fields
        if kept.get(each, "").replace("\r", "") != fields[each].strip() and each != "csrf_token"
    }
    assert differing <= choices


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Outcome 1, Condition 2, Denominator: A whole number from 1 to 1000."),
        ("vi", "Hệ quả 1, Điều kiện 2, Mẫu số: Số nguyên từ 1 đến 1000."),
    ],
)
def test_the_summary_names_the_place_in_words(
    browser: Browser, round_id: RoundId, language: str, text: str
) -> None:
    fields = {**opened(browser, round_id, language=language), "outcomes-0-all-1-times": "0"}
    assert list(errors(sent(browser, round_id, fields, language=language)).values()) == [text]


def test_an_outcome_without_a_condition_is_refused_where_conditions_are_added(
    browser: Browser, round_id: RoundId
) -> None:
    fields = {
        name: value
        for name, value in opened(browser, round_id).items()
        if not name.startswith("outcomes-1-all")
    }
    answer = sent(browser, round_id, fields)
    assert errors(answer) == {
        "outcomes-1-all": "Outcome 2, Conditions: At least one condition is needed: an outcome without one "
        "would apply to everybody."
    }
    assert faults(answer.text) == []


def test_a_rule_too_large_for_its_file_is_refused(browser: Browser, round_id: RoundId) -> None:
    fields = opened(browser, round_id)
    for i in range(12):
        for name in ("vi", "en", "source-vi", "source-en"):
            fields[f"outcomes-{i}-{name}"] = "ạ" * MOST_TEXT
        fields[f"outcomes-{i}-id"] = f"x{i}"
        fields |= {
            f"outcomes-{i}-all-0-{name}": value
            for name, value in (("level", "low"), ("op", ">"), ("of", "1"), ("times", "2"), ("year", "this"))
        }
    answer = sent(browser, round_id, fields)
    assert answer.status_code == 422
    assert "This rule is too large: at most 128 KB as a file." in said(answer)


def test_a_form_that_is_too_long_is_not_read(browser: Browser, round_id: RoundId) -> None:
    answer = sent(browser, round_id, {**opened(browser, round_id), "title-vi": "x" * 500_000})
    assert answer.status_code == 413


STEPS = [
    ("add-outcomes", ["out_of_planning", "removed", "outcome_1"], ["two_years"]),
    ("add-watch", ["out_of_planning", "removed"], ["two_years", "flag_1"]),
    ("up-outcomes-1", ["removed", "out_of_planning"], ["two_years"]),
    ("down-outcomes-0", ["removed", "out_of_planning"], ["two_years"]),
    ("remove-outcomes-0", ["removed"], ["two_years"]),
    ("remove-watch-0", ["out_of_planning", "removed"], []),
]


@pytest.mark.parametrize(("step", "outcomes", "watch"), STEPS)
def test_outcomes_are_added_moved_and_removed_without_a_script(
    desk: Desk, browser: Browser, round_id: RoundId, step: str, outcomes: list[str], watch: list[str]
) -> None:
    typed = {**opened(browser, round_id), "title-en": "Typed", "outcomes-1-en": "Typed too"}
    answer = sent(browser, round_id, typed, step)
    assert answer.status_code == 200
    assert faults(answer.text) == []
    fields = fields_of(answer.text)
    ids = [
        [fields[f"{kind}-{i}-id"] for i in range(9) if f"{kind}-{i}-id" in fields]
        for kind in ("outcomes", "watch")
    ]
    assert ids == [outcomes, watch]
    assert fields["title-en"] == "Typed"
    assert "Typed too" in {fields.get(f"outcomes-{i}-en") for i in range(3)}
    assert rule(desk, round_id) == Preset.load("local-annual")
    fields |= {name: "New" for name, value in fields.items() if name.endswith(("-vi", "-en")) and not value}
    assert sent(browser, round_id, fields).status_code == 303
    assert [each.id for each in rule(desk, round_id).outcomes] == outcomes
    assert [each.id for each in rule(desk, round_id).watch] == watch


def test_conditions_are_added_up_to_four_and_removed(browser: Browser, round_id: RoundId) -> None:
    fields = opened(browser, round_id)
    for have in (2, 3, 4):
        answer = sent(browser, round_id, fields, "add-outcomes-0-all")
        fields = fields_of(answer.text)
        assert sum(name.startswith("outcomes-0-all-") and name.endswith("-op") for name in fields) == min(
            have + 1, 4
        )
        assert answer.status_code == (200 if have < 4 else 422)
    fields = fields_of(sent(browser, round_id, fields, "remove-outcomes-0-all-0").text)
    assert (
        fields["outcomes-0-all-0-op"],
        fields["outcomes-0-all-0-of"],
        fields["outcomes-0-all-0-times"],
    ) == ("<", "2", "3")
    assert 'value="add-outcomes-0-all"' in sent(browser, round_id, fields, "show").text


@pytest.mark.parametrize(
    "step",
    [
        "up-outcomes-0",
        "down-outcomes-1",
        "remove-outcomes-2",
        "remove-outcomes",
        "up-watch",
        "add-outcomes-0",
        "add-outcomes-9-all",
        "remove-outcomes-0-all-7",
        "remove-outcomes-0-all",
        "up-outcomes-0-all-1",
        "add-levels",
        "decide-now",
        "",
        "\x00",
    ],
)
def test_a_step_that_cannot_be_taken_changes_nothing(browser: Browser, round_id: RoundId, step: str) -> None:
    fields = opened(browser, round_id)
    answer = sent(browser, round_id, fields, step)
    assert answer.status_code == 422
    assert "this step cannot be taken" in said(answer)
    assert {**fields_of(answer.text), "csrf_token": ""} == {**fields, "csrf_token": ""}


def test_twenty_outcomes_are_the_most(desk: Desk, browser: Browser, round_id: RoundId) -> None:
    fields = opened(browser, round_id)
    for i in range(2, 21):
        fields |= {f"outcomes-{i}-{name}": f"x{i}" for name in ("id", "vi", "en", "source-vi", "source-en")}
        typed = {"level": "low", "op": ">", "of": str(i), "times": "21", "year": "this"}
        fields |= {f"outcomes-{i}-all-0-{name}": value for name, value in typed.items()}
    answer = sent(browser, round_id, fields)
    assert answer.status_code == 422
    assert errors(answer) == {"outcomes": "Outcomes: At most 20 of them."}
    twenty = {name: value for name, value in fields.items() if not name.startswith("outcomes-20-")}
    assert sent(browser, round_id, twenty, "add-outcomes").status_code == 422
    assert sent(browser, round_id, twenty).status_code == 303
    assert len(rule(desk, round_id).outcomes) == 20


NAMES_NOBODY_SENDS = {
    "outcomes-²-id": "x",
    "outcomes-999999999-id": "x",
    "outcomes-" + "9" * 5000 + "-id": "x",
    "outcomes--1-id": "x",
    "levels-²-vi": "x",
    "levels-9-vi": "x",
    "outcomes-0-all-²-op": "x",
    "deadlines-77-days": "1",
    "quorum-0": "x",
    "watch-0-meta": "x",
    "__class__": "x",
}


def test_names_that_no_form_of_ours_has_are_not_read(desk: Desk, browser: Browser, round_id: RoundId) -> None:
    fields = opened(browser, round_id)
    assert sent(browser, round_id, {**fields, **NAMES_NOBODY_SENDS}).status_code == 303
    assert rule(desk, round_id) == copy_of(Preset.load("local-annual"))


def test_without_the_sheet_such_a_name_would_break_the_form(desk: Desk) -> None:
    """The twin: WTForms reads every number of a field's name."""
    from werkzeug.datastructures import MultiDict

    from surveys.console.preparation.pages.rule_form import RuleForm

    form = MultiDict({"outcomes-²-id": "x"})
    with desk.site.app.test_request_context("/en/"):
        with pytest.raises(ValueError, match="invalid literal"):
            RuleForm(formdata=form)
        assert len(RuleForm(formdata=Sheet(form).fields()).outcomes) == 0
