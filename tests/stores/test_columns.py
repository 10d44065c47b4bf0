"""The key ring and what is sealed with it: bound to its place, private on the disk, refused in one
sentence.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from surveys.stores.columns import OVERHEAD, BadKeyring, KeyInUse, Keyring, Unreadable, key_number
from tests.faults.dying import ends, kill_before_step, until_it_ends

PLACE = ("people", "name", "row 1")


def test_a_value_opens_in_its_place_only() -> None:
    ring = Keyring.fresh()
    sealed = ring.seal(*PLACE, b"secret")
    assert ring.open(*PLACE, sealed) == b"secret"
    for table, column, row in product(("people", "posts"), ("name", "email"), ("row 1", "row 2")):
        if (table, column, row) != PLACE:
            with pytest.raises(Unreadable, match=rf"a value of {table}\.{column} does not open"):
                ring.open(table, column, row, sealed)


def test_without_the_place_a_moved_value_would_open() -> None:
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    unbound = AESGCM(key).encrypt(nonce, b"secret", None)
    assert AESGCM(key).decrypt(nonce, unbound, None) == b"secret"  # in any row
    bound = Keyring({1: key}, key).seal(*PLACE, b"secret")
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(bound[4:16], bound[16:], None)


@given(st.tuples(*[st.text(max_size=4)] * 3), st.tuples(*[st.text(max_size=4)] * 3))
def test_two_places_are_never_written_alike(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    ring = Keyring({1: bytes(32)}, bytes(32))
    sealed = ring.seal(*one, b"x")
    if one == other:
        assert ring.open(*other, sealed) == b"x"
    else:
        with pytest.raises(Unreadable):
            ring.open(*other, sealed)


def test_every_changed_or_missing_byte_is_noticed() -> None:
    ring = Keyring.fresh()
    sealed = ring.seal(*PLACE, b"secret")
    assert len(sealed) == OVERHEAD + 6
    for i in range(len(sealed)):
        changed = sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :]
        for damaged in (changed, sealed[:i], sealed + bytes([i])):
            with pytest.raises(Unreadable):
                ring.open(*PLACE, damaged)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    ring = Keyring.fresh()
    assert len({ring.seal(*PLACE, b"x") for _ in range(100)}) == 100


def test_old_keys_open_and_the_newest_seals() -> None:
    old = Keyring.fresh()
    sealed = old.seal(*PLACE, b"x")
    both = old.with_new_key()
    assert both.open(*PLACE, sealed) == b"x"
    assert key_number(both.seal(*PLACE, b"x")) == 2
    with pytest.raises(Unreadable):
        both.without(1).open(*PLACE, sealed)
    with pytest.raises(KeyInUse, match="key 2 is in use"):
        both.without(2)


def test_the_index_of_a_value_is_one_a_table_and_column_and_outlives_a_rotation() -> None:
    ring = Keyring.fresh()
    index = ring.blind_index("people", "code", "001")
    assert index == ring.with_new_key().without(1).blind_index("people", "code", "001")
    others = {ring.blind_index(*place) for place in (("people", "code", "002"), ("people", "name", "001"))}
    assert index not in others | {Keyring.fresh().blind_index("people", "code", "001")}


def test_a_ring_shows_no_key() -> None:
    ring = Keyring.fresh()
    assert repr(ring) == "Keyring([1])"


def test_the_file_is_for_its_owner_alone_whatever_the_mask_is(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        Keyring.fresh().save(tmp_path / "new/keyring.json")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new/keyring.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    ring = Keyring.fresh().with_new_key()
    ring.save(tmp_path / "keyring.json")
    assert Keyring.load(tmp_path / "keyring.json") == ring
    assert Keyring.load_or_create(tmp_path / "keyring.json") == ring


def test_killed_at_any_step_the_file_holds_the_old_ring_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    old, new = Keyring.fresh(), Keyring.fresh()
    seen = []

    def once(number: int) -> bool:
        old.save(path)
        ended = ends(lambda: new.save(path), kill_before_step(number))
        seen.append(Keyring.load(path))
        new.save(path)
        assert [each.name for each in tmp_path.iterdir()] == ["keyring.json"]
        return ended

    assert until_it_ends(once) >= 4
    assert seen[0] == old
    assert seen[-1] == new
    assert all(ring in (old, new) for ring in seen)


def _create(path: Path, found: object) -> None:
    found.put(Keyring.load_or_create(path).index)  # type: ignore[attr-defined]


def test_those_who_make_the_file_at_once_get_the_same_ring(tmp_path: Path) -> None:
    context = get_context("fork")
    for attempt in range(3):
        found = context.Queue()
        children = [
            context.Process(target=_create, args=(tmp_path / f"{attempt}/keyring.json", found))
            for _ in range(6)
        ]
        for child in children:
            child.start()
        assert len({found.get(timeout=90) for _ in children}) == 1
        for child in children:
            child.join()


def _document() -> dict[str, object]:
    return {"format": "tin-nhiem/keyring/1", "keys": {"1": "00" * 32}, "index": "00" * 32}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a keyring file"),
        ("{", "not a keyring file"),
        ("[]", "not a keyring file"),
        ("é", "not a keyring file"),
        ("[" * 100_000, "not a keyring file"),
        (json.dumps({**_document(), "format": "x"}), "not a keyring file"),
        (json.dumps({**_document(), "keys": []}), "not a keyring file"),
        (json.dumps({**_document(), "keys": {"x": "00"}}), "not a keyring file"),
        (json.dumps({**_document(), "keys": {}}), "a key is missing or not 32 bytes long"),
        (json.dumps({**_document(), "keys": {"1": "00" * 31}}), "a key is missing or not 32 bytes long"),
        (json.dumps({**_document(), "index": "00" * 33}), "a key is missing or not 32 bytes long"),
        (json.dumps({**_document(), "keys": {"0": "00" * 32}}), "a key's number is out of range"),
        (json.dumps({**_document(), "keys": {str(2**32): "00" * 32}}), "a key's number is out of range"),
    ],
)
def test_what_is_no_ring_is_refused_in_one_sentence(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadKeyring) as caught:
        Keyring.load(path)
    assert str(caught.value) == f"keyring {path}: {why}"


def test_a_ring_that_cannot_be_opened_or_written_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadKeyring, match="there is no such file"):
        Keyring.load(tmp_path / "none")
    with pytest.raises(BadKeyring, match="cannot be opened"):
        Keyring.load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BadKeyring, match="cannot be written"):
        Keyring.fresh().save(tmp_path / "file/keyring.json")
