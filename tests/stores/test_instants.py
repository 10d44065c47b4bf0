"""Instants: one way to write a moment and one to read it, in the order of time, and none without a
time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select, text

from surveys.instants import from_local, instant, instant_text, read_instant
from surveys.stores.moments import Moment

HANOI = timezone(timedelta(hours=7))
moments = st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=st.just(HANOI))  # noqa: DTZ001


@given(moments, moments)
def test_texts_stand_in_the_order_of_time_and_name_the_instant(one: datetime, other: datetime) -> None:
    first, second = instant(one), instant(other)
    assert (first < second) == (instant_text(one) < instant_text(other))
    assert read_instant(instant_text(one)) == first == one.replace(microsecond=0)
    assert first.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02T08:00:00",
        "2026-11-02",
        "",
        "tomorrow",
        "2026-11-02T08:00:00+07:00",
        "2026-11-02 08:00:00Z",
        "2026-11-02T08:00:00.5Z",
        "2026-11-02T08:00Z",
        "2026-11-02T08:00:00z",
        "2026-11-02T08:00:00Z\n",
        "2026-11-31T08:00:00Z",
        "2026-11-02T23:59:60Z",
        "2026-11-02T24:00:00Z",  # midnight of the next day to Python 3.14
        "０２６０-11-02T08:00:00Z",
    ],
)
def test_a_text_of_another_form_names_no_instant(written: str) -> None:
    with pytest.raises(ValueError):
        read_instant(written)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_the_first_years_are_written_as_they_were_read(written: str) -> None:
    """A manifest is hashed: what was read of it must be written in the same bytes."""
    assert instant_text(read_instant(written)) == written


def test_a_row_holds_the_text_and_gives_the_instant() -> None:
    table = Table("polls", MetaData(), Column("opened", Moment), Column("closed", Moment))
    at = read_instant("2026-11-02T01:00:00Z")
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table).values(opened=at, closed=None))
        assert connection.execute(text("select * from polls")).one() == ("2026-11-02T01:00:00Z", None)
        later = instant(at + timedelta(seconds=1))
        assert connection.execute(select(table).where(table.c.opened < later)).one() == (at, None)
        assert not connection.execute(select(table).where(table.c.opened < at)).all()


def test_a_local_time_names_the_instant_at_which_clocks_show_it() -> None:
    assert instant_text(from_local(datetime(2026, 11, 2, 8), "Asia/Ho_Chi_Minh")) == "2026-11-02T01:00:00Z"  # noqa: DTZ001


def test_a_moment_in_nobodys_time_is_refused_where_it_would_be_written() -> None:
    naive = datetime(2026, 11, 2, 8)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a time zone"):
        instant_text(naive)
    # The broken twin: written as it stands, seven hours would be lost and nobody would see it.
    assert naive.strftime("%Y-%m-%dT%H:%M:%SZ") != instant_text(naive.replace(tzinfo=HANOI))
