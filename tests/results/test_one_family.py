"""Results, attendance and minutes are one family of values: who writes them and who reads them have the same
(13.1, 13.2, 13.4).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from surveys.papers.minutes import Attendance, Minutes
from surveys.protocol import canonical
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import decode_manifest
from surveys.results.book import open_book
from tests.minuted import CONFERENCE, PRESENT, sources

MEMBERS = sources()
MANIFEST = decode_manifest(MEMBERS["manifest.json"])
DEFINITION = MANIFEST.definition


def test_results_that_are_read_encode_to_the_file_that_was_read() -> None:
    book = open_book(MANIFEST, MEMBERS["results.json"])
    assert book.encode() == MEMBERS["results.json"]
    assert any(entry.withheld for entry in book.entries)
    assert any(entry.count and entry.count.watch for entry in book.entries)


def test_attendance_and_minutes_are_read_as_they_were_written() -> None:
    stated = Attendance.decode(MEMBERS["attendance.json"], DEFINITION)
    assert stated == Attendance(PRESENT, DEFINITION.trustees[0], CONFERENCE)
    minutes = Minutes.decode(MEMBERS["minutes.json"], DEFINITION)
    assert minutes.conference == stated.conference
    assert minutes.encode(DEFINITION) == MEMBERS["minutes.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tin-nhiem/minutes/1"},
        {"organisation": "Another bloc"},
        {"opened": "2026-11-02T01:00:01Z"},
        {"committee": ["Ngô Hải"]},
        {"more": 1},
        {"log": []},
    ],
)
def test_minutes_that_say_something_of_their_own_are_refused(change: dict[str, Any]) -> None:
    raw = canonical.encode(json.loads(MEMBERS["minutes.json"]) | change)
    with pytest.raises(Malformed) as refused:
        Minutes.decode(raw, DEFINITION)
    assert refused.value.where == f"minutes.{next(iter(change))}"
