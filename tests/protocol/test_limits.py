"""Every limit of 4.1 is held to the number: what has just that size is read, and one more is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from surveys.protocol import canonical
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import decode_manifest
from tests.vectors import reading

# The path of a text in a definition, and its most characters.
TEXTS = {
    "title vi": 300,
    "title en": 300,
    "organisation": 300,
    "number": 100,
    "place": 300,
    "time_zone": 60,
    "software": 100,
    "trustees 0": 300,
    "units 0 code": 100,
    "units 1 parent": 100,
    "units 0 name": 300,
    "units 0 kind": 100,
    "panels 0 unit": 100,
    "contests 0 person": 100,
    "contests 0 name": 300,
    "contests 0 unit": 100,
    "contests 0 titles 0": 300,
    "clients 0 name": 100,
}
MAY_BE_EMPTY = {"number", "place"}
PEOPLE = 2**31 - 1
LAST_YEAR = {"year": 2025, "returned": 9, "summoned": 9, "levels": {"high": 9}}
NUMBERS = {
    "year": (1900, 9999),
    "utc_offset": (-720, 840),
    "look_up": (0, 10_080),
    "k": (3, 1000),
    "threshold": (2, 14),
    "voters": (1, PEOPLE),
    "panels 0 voters": (1, PEOPLE),
    "roots units size": (1, 100_000),
    "contests 0 previous year": (1900, 9999),
    "contests 0 previous returned": (0, PEOPLE),
    "contests 0 previous summoned": (0, PEOPLE),
    "contests 0 previous levels high": (0, PEOPLE),
}
# The path of a list, and the fewest and most entries.
LISTS = {"trustees": (3, 15), "contests 0 titles": (0, 20), "clients": (0, 20)}
BYTES = {
    "survey": 16,
    "box_key": 32,
    "panels 0 roll": 32,
    "panels 0 form": 32,
    "clients 0 sha256": 32,
    "roots units root": 32,
}


def _good() -> dict[str, Any]:
    shared = json.loads(reading.SHARED.read_text("utf-8"))
    manifest: dict[str, Any] = json.loads(shared["manifest"])
    manifest["definition"]["contests"][0]["previous"] = copy.deepcopy(LAST_YEAR)
    manifest["definition"]["clients"] = [{"name": "a", "sha256": "00" * 32}]
    return manifest


def _reads(path: str, value: object) -> bool:
    """Whether the manifest is read with this value there. A refusal must be one of 4.1 at that place."""
    manifest = _good()
    at: Any = manifest["definition"]
    *way, last = [int(step) if step.isdecimal() else step for step in path.split()]
    for step in way:
        at = at[step]
    at[last]  # it is there
    at[last] = value
    raw = canonical.encode(manifest)
    try:
        decode_manifest(raw)
    except Malformed:
        with pytest.raises(Malformed, check=lambda refusal: refusal.check == "4.1" and _names(refusal, path)):
            decode_manifest(raw)
        return False
    return True


def _names(refusal: Malformed, path: str) -> bool:
    """Whether the place that is told is this one, written `contests[0].titles[0]`."""
    steps = "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in path.split())
    return refusal.where == f"manifest.definition{steps}"


@pytest.mark.parametrize(("path", "most"), TEXTS.items())
def test_a_text_may_have_so_many_characters_and_no_more(path: str, most: int) -> None:
    assert [_reads(path, "ế" * size) for size in (0, 1, most, most + 1)] == [
        path in MAY_BE_EMPTY,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("path", "span"), NUMBERS.items())
def test_a_number_is_from_here_to_there(path: str, span: tuple[int, int]) -> None:
    low, high = span
    assert [_reads(path, number) for number in (low - 1, low, high, high + 1)] == [False, True, True, False]
    assert not _reads(path, True)
    assert not _reads(path, str(low))


@pytest.mark.parametrize(("path", "span"), LISTS.items())
def test_a_list_has_so_many_entries(path: str, span: tuple[int, int]) -> None:
    low, high = span
    entry: Any = {"name": "a", "sha256": "00" * 32} if path == "clients" else "a"
    sizes = [size for size in (low - 1, low, high, high + 1) if size >= 0]
    assert [_reads(path, [entry] * size) for size in sizes] == [low <= size <= high for size in sizes]


@pytest.mark.parametrize(("path", "length"), BYTES.items())
def test_bytes_have_their_length(path: str, length: int) -> None:
    lengths = (length - 1, length, length + 1)
    assert [_reads(path, "ab" * size) for size in lengths] == [False, True, False]


@pytest.mark.parametrize("path", ["revoting", "subjects_vote"])
def test_what_is_true_or_false_is_nothing_else(path: str) -> None:
    assert [_reads(path, value) for value in (True, False, 0, None)] == [True, True, False, False]


@pytest.mark.parametrize("path", ["contests 0 previous", "contests 0 previous summoned", "units 1 parent"])
def test_these_may_be_null(path: str) -> None:
    assert _reads(path, None)
    assert not _reads(path, [])
