"""What a sheet shows for a number: the same as it holds, something that can be taken, or something that
cannot.
"""

from __future__ import annotations

import pytest

from surveys.spreadsheets.shown import Mark, is_date, judged, number_cell, sections_of, text_cell

TAKEN = [
    ("1", "000000", "000001"),
    ("1", '"DV"000', "DV001"),
    ("7", '"Đ"\\-00', "Đ-07"),
    ("12", "00-00", "00-12"),
    ("12345", "00-00", "123-45"),
    ("1", "000 000", "000 001"),
    ("1", "[$-1010000]000000", "000001"),
    ("1", "[Red]000", "001"),
    ("5", 'General" người"', "5 người"),
    ("-3", "00", "-03"),
    ("46054", "\\d0", "d46054"),
]
SAME = [
    ("46054", "0"), ("5", "General"), ("5", "@"), ("5", "#,##0"), ("123456789012", "0"), ("7.5", "General"), ("5", "0;-0;;@"),
    ("5", '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)'), ("0", "0"), ("1.5", "0.0"), ("46054", "[Red]0"),
]  # fmt: skip
OTHER = [
    ("1000", "#,##0", "1,000"), ("0.12", "0%", "12%"), ("0.5", "# ?/?", "1/2"), ("1.5", "0", "2"), ("7", "0.00", "7.00"),
    ("1200000", "0,", "1200"), ("5", ";;;", ""), ("1", '"x"', "x"), ("5", '[>3]"A"0;0', "…"), ("0", "0;-0;", ""), ("0", "#", ""),
]  # fmt: skip


@pytest.mark.parametrize(("held", "code", "shown"), TAKEN)
def test_digits_with_zeros_and_words_around_them_are_taken_as_shown(held: str, code: str, shown: str) -> None:
    assert number_cell(held, code) == (shown, Mark("padded", shown, held))


@pytest.mark.parametrize(("held", "code"), SAME)
def test_what_shows_as_it_is_is_taken_without_a_word(held: str, code: str) -> None:
    assert number_cell(held, code) == (held, None)


@pytest.mark.parametrize(("held", "code", "shown"), OTHER)
def test_what_shows_otherwise_is_not_taken(held: str, code: str, shown: str) -> None:
    text, mark = number_cell(held, code)
    assert (text, mark) == ("", Mark("shown", shown, held))


@pytest.mark.parametrize("code", ["d/m/yyyy", "yyyy", "[h]:mm", "[$-42A]dd mmmm", "h:mm AM/PM"])
def test_dates_are_known_by_their_format(code: str) -> None:
    assert is_date(code)
    assert number_cell("46054", code) == ("", Mark("date"))


def test_general_shows_no_more_than_eleven_digits() -> None:
    assert number_cell("12345678901", "General") == ("12345678901", None)
    assert number_cell("123456789012", "General") == (
        "123456789012",
        Mark("long", "1.23457E+11", "123456789012"),
    )
    assert number_cell("1234567890123456", "0") == ("", Mark("digits"))


def test_a_format_puts_words_around_texts_too() -> None:
    assert text_cell("001", '"DV"@') == ("DV001", Mark("padded", "DV001", "001"))
    assert text_cell("001", ";;;") == ("", Mark("shown", "", "001"))
    assert text_cell("001", "@") == text_cell("001", "000") == text_cell("001", "General") == ("001", None)


@pytest.mark.parametrize(
    ("held", "shown", "text"),
    [
        ("1", "000001", "000001"),
        ("1", "DV001", "DV001"),
        ("1000", "1.000", ""),
        ("0.12", "12%", ""),
        ("5", "5", "5"),
        ("1", "2", ""),
    ],
)
def test_where_only_what_is_shown_is_known_the_digits_decide(held: str, shown: str, text: str) -> None:
    assert judged(held, shown)[0] == text


def test_a_format_without_end_costs_no_more_than_the_longest_that_is_looked_at() -> None:
    assert len(sections_of("0" * 100_000)[0].items) == 1000
