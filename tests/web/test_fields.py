"""Fields are parsed once and refused by name."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from surveys.web import fields
from surveys.web.errors import BadField
from tests.published import SURVEY


def test_a_text_is_trimmed_and_composed() -> None:
    assert fields.text({"q": "  Nguye\u0302\u0303n "}, "q", 20) == "Nguyễn"
    assert fields.text({}, "q", 20) == ""


@pytest.mark.parametrize("value", ["x" * 21, "a\x00b", "a\nb", "\ud800"])
def test_a_text_that_is_too_long_or_holds_control_characters_is_refused(value: str) -> None:
    with pytest.raises(BadField, match="field q"):
        fields.text({"q": value}, "q", 20)


@pytest.mark.parametrize("value", ["x", "-1", "0", "11", "1.0", "١", "1" * 30, " 1"])
def test_a_number_outside_its_bounds_is_refused(value: str) -> None:
    with pytest.raises(BadField, match="field page"):
        fields.number({"page": value}, "page", low=1, high=10, absent=1)


def test_a_number_within_its_bounds_is_taken() -> None:
    assert fields.number({"page": "10"}, "page", low=1, high=10, absent=1) == 10
    assert fields.number({}, "page", low=1, high=10, absent=3) == 3


def test_a_choice_is_one_of_the_words() -> None:
    assert fields.choice({"by": "name"}, "by", ("name", "unit"), "unit") == "name"
    assert fields.choice({}, "by", ("name", "unit"), "unit") == "unit"
    with pytest.raises(BadField, match="field by"):
        fields.choice({"by": "DROP"}, "by", ("name", "unit"), "unit")


def test_a_bad_field_of_an_address_is_a_refusal_in_words(client: FlaskClient) -> None:
    answer = client.get(f"/en/rounds/{SURVEY}?page=0")
    assert answer.status_code == 400
    assert "A field of the address or form is not valid" in answer.text
