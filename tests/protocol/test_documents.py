"""Every object of every document is read field by field (3.2): none may be missing, none may be left over,
each is of its own kind, and what is refused is told with clause and place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from surveys.protocol import canonical
from surveys.protocol.ceremony_checks import decode_ceremony
from surveys.protocol.errors import Malformed
from surveys.protocol.issuance import decode_issuance
from surveys.protocol.manifest import decode_manifest
from surveys.protocol.plan import decode_plan
from surveys.protocol.roll_list import decode_roll
from surveys.protocol.tally import decode_tally
from tests.vectors.reading import shared

# A document of vote.json, how it is read, and the clause that refuses.
DOCUMENTS: dict[str, tuple[Callable[[bytes], object], str]] = {
    "manifest": (decode_manifest, "4.1"),
    "ceremony": (decode_ceremony, "5.1"),
    "roll": (decode_roll, "6.3"),
    "issuance": (decode_issuance, "7.5"),
    "plan": (decode_plan, "11.1"),
    "tally": (decode_tally, "12.1"),
}
Path = tuple[str | int, ...]


def _free(path: Path) -> bool:
    """The rule is data, and last year's levels have its names (4.1): both are for 4.2."""
    return "rule" in path or path[-1:] == ("levels",)


def _objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """The place of each object; of a list only the first entry."""
    if isinstance(value, dict):
        yield path
        for name, inner in value.items():
            yield from _objects(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from _objects(value[0], (*path, 0))


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


CASES = [
    (name, path) for name in DOCUMENTS for path in _objects(json.loads(shared()[name])) if not _free(path)
]


def _refused(name: str, change: Callable[[Any], object]) -> None:
    read, clause = DOCUMENTS[name]
    document = json.loads(shared()[name])
    change(document)
    with pytest.raises(Malformed) as caught:
        read(canonical.encode(document))
    assert caught.value.check == ("12.3" if "tally.shares[" in caught.value.where else clause)
    assert caught.value.where.startswith(name)


def _id(part: object) -> str:
    return ".".join(map(str, part)) if isinstance(part, tuple) else str(part)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_of_the_small_vote_are_read(name: str) -> None:
    DOCUMENTS[name][0](shared()[name].encode())


@pytest.mark.parametrize(("name", "path"), CASES, ids=_id)
def test_a_field_too_many_is_refused_in_every_object(name: str, path: Path) -> None:
    def add(document: Any) -> None:
        _at(document, path)["zz"] = 1

    _refused(name, add)


@pytest.mark.parametrize(("name", "path"), CASES, ids=_id)
def test_a_field_too_few_or_of_another_kind_is_refused_in_every_object(name: str, path: Path) -> None:
    for field, value in _at(json.loads(shared()[name]), path).items():
        other: object = {} if isinstance(value, list) else []

        def drop(document: Any, field: str = field) -> None:
            del _at(document, path)[field]

        def change(document: Any, field: str = field, other: object = other) -> None:
            _at(document, path)[field] = other

        _refused(name, drop)
        _refused(name, change)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_another_kind_or_version_is_refused(name: str) -> None:
    def change(document: Any) -> None:
        document["format"] = document["format"] + "2"

    _refused(name, change)


def test_attempts_at_a_ceremony_are_counted_in_32_bits() -> None:
    document = json.loads(shared()["ceremony"])
    assert decode_ceremony(canonical.encode(document | {"attempt": 2**32 - 1})).attempt == 2**32 - 1
    for attempt in (0, 2**32):
        with pytest.raises(Malformed):
            decode_ceremony(canonical.encode(document | {"attempt": attempt}))
