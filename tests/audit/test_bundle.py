"""14.1: a bundle is one zip with exactly its members; everything else is refused before it is unpacked."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.audit.bundle import MEMBERS, read_bundle, write_bundle
from surveys.protocol.errors import Rejected
from tests.client.second import second_report, verdicts_of

SMALL = {name: f"what stands in {name}\n".encode() * 3 for name in MEMBERS}


def _zip(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, raw in members:
            archive.writestr(zipfile.ZipInfo(name), raw, compress_type=method)
        archive.comment = comment
    return out.getvalue()


def _refusal(raw: bytes, tmp_path: Path) -> Rejected:
    path = tmp_path / "foreign.zip"
    path.write_bytes(raw)
    with pytest.raises(Rejected) as refusal:
        read_bundle(path)
    assert refusal.value.check == "14.1"
    assert _second(path) == "failed"
    return refusal.value


def _second(path: Path) -> str:
    """What the second verifier says of the zip."""
    return verdicts_of(second_report(path))["14.1"]


def _read(raw: bytes, tmp_path: Path) -> Mapping[str, bytes]:
    path = tmp_path / "good.zip"
    path.write_bytes(raw)
    assert _second(path) == "passed"
    with read_bundle(path) as bundle:
        return dict(bundle)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b.zip", SMALL)
    with read_bundle(tmp_path / "b.zip") as bundle:
        assert dict(bundle) == SMALL
        assert set(bundle) == set(MEMBERS)


def test_the_same_members_give_the_same_bytes_in_any_order_and_leave_nothing_beside(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.zip", SMALL)
    write_bundle(tmp_path / "b.zip", dict(reversed(SMALL.items())))
    write_bundle(tmp_path / "b.zip", dict(reversed(SMALL.items())))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


@pytest.mark.parametrize("members", [{}, {**SMALL, "more.txt": b""}, {k: SMALL[k] for k in MEMBERS[1:]}])
def test_a_bundle_with_other_members_is_not_written(members: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the members"):
        write_bundle(tmp_path / "b.zip", members)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_may_stand_in_any_order_stored_or_deflated(method: int, tmp_path: Path) -> None:
    assert _read(_zip([(name, SMALL[name]) for name in reversed(MEMBERS)], method), tmp_path) == SMALL


def test_a_missing_and_an_extra_and_a_double_member_are_refused(tmp_path: Path) -> None:
    all_members = list(SMALL.items())
    _refusal(_zip(all_members[:-1]), tmp_path)
    _refusal(_zip([*all_members, ("evil.txt", b"")]), tmp_path)
    _refusal(_zip([*all_members[:-1], ("evil.txt", b"")]), tmp_path)
    _refusal(_zip([*all_members[:-1], ("certificate.json/", b"")]), tmp_path)
    _refusal(_zip([*all_members[:-1], ("../certificate.json", b"")]), tmp_path)
    with pytest.warns(UserWarning, match="Duplicate name"):
        double = _zip([*all_members[:-1], all_members[0]])
    assert "twice" in _refusal(double, tmp_path).why


def test_what_stands_before_between_and_behind_is_refused(tmp_path: Path) -> None:
    good = _zip(list(SMALL.items()))
    _refusal(b"#!/bin/sh\n" + good, tmp_path)
    _refusal(good + b"\n", tmp_path)
    _refusal(_zip(list(SMALL.items()), comment=b"hello"), tmp_path)
    start = struct.unpack_from("<I", good, len(good) - 6)[0]
    gap = good[:start] + b"hidden" + good[start:-6] + struct.pack("<IH", start + 6, 0)
    assert "no member" in _refusal(gap, tmp_path).why


def test_python_itself_would_read_those(tmp_path: Path) -> None:
    """The twin: a lenient reader sees a whole bundle in a file with a program in front of it."""
    (tmp_path / "b.zip").write_bytes(b"#!/bin/sh\n" + _zip(list(SMALL.items())))
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == SMALL


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (6, struct.pack("<H", 1)),  # encrypted
        (6, struct.pack("<H", 8)),  # lengths stand behind the data
        (8, struct.pack("<H", 12)),  # bzip2
        (14, b"\0\0\0\0"),  # another checksum
        (18, struct.pack("<I", 3)),  # another packed length
        (22, struct.pack("<I", 2**31)),  # another length
        (28, struct.pack("<H", 4)),  # an extension
    ],
)
def test_a_local_header_that_differs_from_the_directory_is_refused(
    offset: int, value: bytes, tmp_path: Path
) -> None:
    good = _zip(list(SMALL.items()))
    _refusal(good[:offset] + value + good[offset + len(value) :], tmp_path)


def test_an_encrypted_bundle_is_refused(tmp_path: Path) -> None:
    good = bytearray(_zip(list(SMALL.items())))
    at = good.index(b"PK\x01\x02")
    good[6] = good[at + 8] = 1
    assert "encrypted" in _refusal(bytes(good), tmp_path).why


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    good = bytearray(_zip(list(SMALL.items()), zipfile.ZIP_STORED))
    at = good.index(b"what stands in tally.json")
    good[at] ^= 1
    assert _refusal(bytes(good), tmp_path).where == "tally.json"


def _forged_length(raw: bytes, plain: int, claimed: int) -> bytes:
    """The zip with the length of the member of so many bytes forged in both of its headers."""
    return raw.replace(struct.pack("<I", plain), struct.pack("<I", claimed))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    size = 200 * 2**20
    raw = _zip([*list(SMALL.items())[:-1], ("certificate.json", bytes(size))])
    tracemalloc.start()
    assert "implausibly" in _refusal(raw, tmp_path).why
    # One that lies about its length stops after one chunk more than it announced.
    assert "more than announced" in _refusal(_forged_length(raw, size, 1000), tmp_path).why
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_packed_bytes_behind_the_end_of_the_packed_form_are_refused(tmp_path: Path) -> None:
    raw = SMALL["manifest.json"]
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(raw) + packer.flush()
    good = _zip([("manifest.json", raw), *list(SMALL.items())[1:]])
    assert packed in good
    longer = bytearray(good.replace(packed, packed + b"hide"))
    struct.pack_into("<I", longer, 18, len(packed) + 4)
    first = longer.index(b"PK\x01\x02")
    struct.pack_into("<I", longer, first + 20, len(packed) + 4)
    at = longer.index(b"PK\x01\x02", first + 4)
    while at != -1:
        struct.pack_into("<I", longer, at + 42, struct.unpack_from("<I", longer, at + 42)[0] + 4)
        at = longer.find(b"PK\x01\x02", at + 4)
    end = len(longer) - 22
    struct.pack_into("<I", longer, end + 16, struct.unpack_from("<I", longer, end + 16)[0] + 4)
    assert "behind its packed form" in _refusal(bytes(longer), tmp_path).why


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip at all" * 100, bytes(22), b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_refused(raw: bytes, tmp_path: Path) -> None:
    _refusal(raw, tmp_path)


def test_a_directory_a_missing_file_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.zip", Path("a\0b")):
        with pytest.raises(Rejected) as refusal:
            read_bundle(path)
        assert refusal.value.check == "14.1"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "closed.zip"
    path.write_bytes(_zip(list(SMALL.items())))
    path.chmod(0)
    with pytest.raises(Rejected):
        read_bundle(path)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    good = _zip(list(SMALL.items()))
    for length in range(0, len(good), 7):
        _refusal(good[:length], tmp_path)


GOOD = _zip(list(SMALL.items()))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(GOOD) - 1), value=st.integers(1, 255))
def test_any_changed_byte_is_refused_or_changes_nothing_that_is_read(
    at: int, value: int, tmp_path: Path
) -> None:
    raw = bytearray(GOOD)
    raw[at] ^= value
    path = tmp_path / "changed.zip"
    path.write_bytes(raw)
    try:
        with read_bundle(path) as bundle:
            assert dict(bundle) == SMALL
    except Rejected as refusal:
        named = refusal.check
        assert _second(path) == "failed"
    else:
        named = "14.1"
        assert _second(path) == "passed"
    assert named == "14.1"


def test_a_member_that_packs_too_well_is_stored_and_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    """A plan of many contests alike packs a hundredfold; the limits of 14.1 are against files made to exhaust
    a reader.
    """
    path = tmp_path / "bundle.zip"
    plan = b"[" + b"[[1],[2],[3]]," * 2_000_000 + b"[]]"
    write_bundle(path, {**dict.fromkeys(MEMBERS, bytes(range(256))), "plan.json": plan})
    assert path.stat().st_mode & 0o777 == 0o600
    with read_bundle(path) as bundle:
        assert bundle["plan.json"] == plan
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("plan.json").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("tally.json").compress_type == zipfile.ZIP_DEFLATED
