"""Every vector under tests/vectors is carried out: good ones give what they say, bad ones are refused as they
say.
"""

from __future__ import annotations

import pytest

from surveys.protocol import errors
from tests.vectors import chapters, write
from tests.vectors.reading import OURS, READERS, ROOT, SHARED, Given, Vector, all_vectors, shared

VECTORS = list(all_vectors())
SOURCES = {
    OURS,
    "RFC 8032",
    "RFC 8785",
    "RFC 9180",
    "RFC 9474",
    "RFC 9496",
    "novifinancial/ed25519-speccheck",
    "transparency-dev/merkle",
}


def _refusal(vector: Vector) -> tuple[str, str]:
    kind = getattr(errors, vector.expect)
    with pytest.raises(errors.Rejected) as refused:
        READERS[vector.path.split("/")[0]](Given(vector.given))
    assert refused.type is kind, refused.value
    return refused.type.__name__, refused.value.check


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.path)
def test_a_vector_does_what_it_says(vector: Vector) -> None:
    if vector.expect == "ok":
        assert READERS[vector.path.split("/")[0]](Given(vector.given)) == vector.gives
    else:
        assert _refusal(vector) == (vector.expect, vector.check)


def test_no_file_is_left_unread() -> None:
    read = {ROOT / vector.path for vector in VECTORS} | {SHARED}
    assert set(ROOT.rglob("*.json")) == read
    assert {vector.path.split("/")[0] for vector in VECTORS} == set(READERS)


def test_a_vector_says_where_it_is_from_and_what_for() -> None:
    for vector in VECTORS:
        folder, file = vector.path.split("/")
        assert vector.clause == folder.split("-")[0], vector.path
        assert file == vector.name.replace(" ", "-") + ".json", vector.path
        assert vector.source.split(",")[0].strip() in SOURCES, vector.path
        assert vector.why, vector.path
        assert (vector.expect == "ok") == (not vector.check), vector.path


def test_every_entry_of_the_small_vote_is_used() -> None:
    used: set[str] = set()
    for vector in VECTORS:
        given = Given(vector.given)
        for name in vector.given:
            given.value(name)
        used |= given.used
    assert used == set(shared())


def test_our_vectors_are_written_the_same_each_time() -> None:
    """A change of the protocol shows as a change of the vectors, or here."""
    ours = {vector.path: vector.encode() for vector in VECTORS if vector.source == OURS}
    ours[SHARED.name] = SHARED.read_text("utf-8")
    assert write.ours() == ours


def test_every_module_of_facts_is_listed() -> None:
    modules = {path.stem for path in (ROOT / "facts").glob("*.py")}
    assert {module.__name__.rsplit(".", 1)[1] for module in chapters.ALL} == modules


def test_the_twin_a_vector_with_one_bit_changed_fails() -> None:
    """A loader that compared nothing would pass everything."""
    vector = next(vector for vector in VECTORS if vector.path == "1-transcript/no-field.json")
    flipped = f"{int(vector.gives['digest'][:2], 16) ^ 1:02x}"
    changed = {**vector.gives, "digest": flipped + vector.gives["digest"][2:]}
    assert READERS["1-transcript"](Given(vector.given)) != changed
