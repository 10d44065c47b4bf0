"""A bundle of a megabyte that was made to exhaust its reader: each verifier refuses it within 10 s and 300
MB.

Each runs as a program of its own, so that what it takes is measured by the system: processor time, which
other work on the machine does not change, and the most memory that was resident.
"""

from __future__ import annotations

import json
import re
import runpy
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest

from surveys.audit.bundle import most_unpacked
from surveys.names import PersonCode, UnitCode
from surveys.protocol.board import board_root
from surveys.protocol.definition import Contest, Panel, Unit
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.transcript import u32
from tests.attacks.hostile import packed, zipped
from tests.audit.build import a_vote, board_bytes
from tests.client.node import CLIENT, node
from tests.pace import slower

PACKED = 900_000
# Deflate packs a thousandfold; blocks that hold nothing make the packed form as long as the size asks for.
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
MOST_SECONDS, MOST_BYTES = 10.0, 300_000_000


def filled(member: str, begin: bytes, piece: Callable[[int], bytes], end: bytes) -> tuple[bytes, bytes]:
    """begin ‖ piece(0) ‖ piece(1) … ‖ end and its packed form, as long as a bundle of a megabyte can
    hold it.
    """
    most = most_unpacked(member, PACKED - len(EMPTY_BLOCK))
    while True:
        pieces, size = [begin], len(begin) + len(end)
        while size + len(made := piece(len(pieces))) <= most:
            size += len(made)
            pieces.append(made)
        raw = b"".join(pieces).removesuffix(b",") + end
        form = packed(raw)
        if len(form) <= PACKED:
            return raw, EMPTY_BLOCK * ((PACKED - len(form)) // len(EMPTY_BLOCK)) + form
        most = most * PACKED // len(form) - 10_000


def same(raw: bytes) -> Callable[[int], bytes]:
    return lambda _: raw


def distinct(form: str) -> Callable[[int], bytes]:
    return lambda i: (form % i).encode()


SHAPES: dict[str, tuple[bytes, Callable[[int], bytes], bytes]] = {
    "lists": (b'{"a":[', same(b"[],"), b"]}"),
    "objects": (b'{"a":[', same(b"{},"), b"]}"),
    "objects, as many as allowed": (b'{"a":[', same(b'{"bcdefghijklmnopqr":0},'), b"]}"),
    "lists, as many as allowed": (b'{"a":[', same(b"[10],"), b"]}"),
    "numbers": (b'{"a":[', same(b"0,"), b"]}"),
    "long numbers": (b'{"a":[', same(b"9007199254740991,"), b"]}"),
    "texts": (b'{"a":[', same(b'"",'), b"]}"),
    "one text": (b'{"a":"', same(b"x"), b'"}'),
    "one text of many bytes a letter": (b'{"a":"', same("😀".encode()), b'"}'),
    "escapes": (b'{"a":"', same(b"\\n"), b'"}'),
    "names": (b"{", distinct('"%07d":0,'), b"}"),
}
# What took the most of each kind; the others are as quick (`make soak`).
HEAVIEST = ("lists, as many as allowed", "objects, as many as allowed", "names")
CASES = [
    pytest.param("manifest.json", shape, marks=() if shape in HEAVIEST else pytest.mark.soak)
    for shape in SHAPES
] + [("results.json", "lists, as many as allowed"), ("tally.json", "names")]


@dataclass(frozen=True)
class Took:
    """What a verifier said, and what it took."""

    failed: tuple[str, ...]
    seconds: float
    most: int


ENDING = "/proc/self/status"  # what a program held at most, since it was started: VmHWM
FIRST = f"""
import json, sys, time
from pathlib import Path
from surveys.audit.verifier import verify
report = verify(Path(sys.argv[1]), jobs=1)
failed = [finding.check for finding in report.findings if finding.verdict.value == "failed"]
print(json.dumps([failed, time.process_time(), Path("{ENDING}").read_text()]))
"""
SECOND = f"""
import {{ fstatSync, openSync, readFileSync, readSync }} from "node:fs";
const [program, path] = process.argv.slice(1);
const {{ verify }} = await import(program);
const file = openSync(path, "r");
const read = (at, length) => {{
  const raw = new Uint8Array(length);
  readSync(file, raw, 0, length, at);
  return raw;
}};
const {{ findings }} = await verify({{ size: fstatSync(file).size, read }});
const failed = findings.filter((each) => each.verdict === "failed").map((each) => each.check);
const {{ user, system }} = process.cpuUsage();
process.stdout.write(JSON.stringify([failed, (user + system) / 1e6, readFileSync("{ENDING}", "utf8")]));
"""


def _took(said: str) -> Took:
    failed, seconds, status = json.loads(said)
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return Took(tuple(failed), seconds, int(found[1]) * 1024)


def first(path: Path) -> Took:
    """The verifier in Python."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(path)], capture_output=True, text=True, check=True
    )
    return _took(done.stdout)


@cache
def program() -> Path:
    """The second verifier as it is shipped: written for the oldest browsers, in one file. (Node would take 40
    MB to make it out of TypeScript.)
    """
    options = runpy.run_path(str(CLIENT / "build.py"))["OPTIONS"]
    made = Path(mkdtemp()) / "verify.mjs"
    entry = "src/verifier/verify.ts"
    done = node("node_modules/esbuild/bin/esbuild", entry, "--format=esm", *options, f"--outfile={made}")
    assert done.returncode == 0, done.stderr
    return made


def second(path: Path) -> Took:
    """The verifier in TypeScript, its garbage collected as in a browser: Node lets more of it lie, where
    there is memory.
    """
    collected = "--max-semi-space-size=32"
    done = node(collected, "--input-type=module", "--eval", SECOND, "--", str(program()), str(path))
    assert done.returncode == 0, done.stderr
    return _took(done.stdout)


def refused_in_time(raw: bytes, tmp_path: Path) -> tuple[str, ...]:
    """The failed checks, on which both agree; both within their limits."""
    assert len(raw) <= 1_000_000
    path = tmp_path / "bundle.zip"
    path.write_bytes(raw)
    both = first(path), second(path)
    for took in both:
        assert took.seconds < MOST_SECONDS * slower(), both
        assert took.most < MOST_BYTES, both
    assert both[0].failed == both[1].failed
    assert both[0].failed
    return both[0].failed


@pytest.mark.parametrize(("member", "shape"), CASES)
def test_a_document_of_many_small_things_is_refused_in_time(member: str, shape: str, tmp_path: Path) -> None:
    document, form = filled(member, *SHAPES[shape])
    raw = zipped({**a_vote().members, member: document}, {member: form})
    assert "14.1" not in refused_in_time(raw, tmp_path)


@pytest.mark.parametrize("frame", [0, 1, 320, 396])
def test_a_board_of_many_small_ballots_is_refused_in_time(frame: int, tmp_path: Path) -> None:
    chance = Random(2)
    board, form = filled(
        "board.bin",
        b"",
        lambda _: struct.pack(">I", frame) + chance.randbytes(frame // 2) + bytes(frame - frame // 2),
        b"",
    )
    raw = zipped({**a_vote().members, "board.bin": board}, {"board.bin": form})
    assert refused_in_time(raw, tmp_path)[0] == "8.2"


@pytest.mark.parametrize("line", [b"\n", b"#\n", b"#1 \xef\xbb\xbf; withheld\n", b"\x00", b"\xff"], ids=repr)
@pytest.mark.parametrize("member", ["minutes.txt", "checkpoint.txt"])
def test_a_text_of_many_lines_is_refused_in_time(member: str, line: bytes, tmp_path: Path) -> None:
    text, form = filled(member, b"", same(1000 * line), b"")
    raw = zipped({**a_vote().members, member: text}, {member: form})
    assert refused_in_time(raw, tmp_path)[0] == {"minutes.txt": "13.5", "checkpoint.txt": "10.2"}[member]


def test_minutes_that_begin_as_they_should_and_never_end_are_refused_in_time(tmp_path: Path) -> None:
    true = a_vote().members["minutes.txt"]
    text, form = filled("minutes.txt", true, same(1000 * b"\n"), b"")
    raw = zipped({**a_vote().members, "minutes.txt": text}, {"minutes.txt": form})
    assert refused_in_time(raw, tmp_path) == ("13.5", "13.6")


CONTESTS, PANELS = 99, 17_000
THIRDS = (range(66), range(33, 99), [*range(33), *range(66, 99)])


def test_a_person_in_many_contests_over_many_panels_is_planned_in_time(tmp_path: Path) -> None:
    """A manifest that holds, as large as it may be: each round of 11.1 takes one contest out, and all panels
    list nearly all.
    """
    vote = a_vote()
    lists = [tuple(THIRDS[p]) if p < 3 else tuple(range(CONTESTS)) for p in range(PANELS)]
    codes = [UnitCode(f"B{p:05}") for p in range(PANELS)]
    definition = replace(
        vote.definition,
        units=(Unit(UnitCode("A"), None, "A", "a"), *(Unit(code, UnitCode("A"), "A", "a") for code in codes)),
        panels=tuple(Panel(code, 1, bytes(32), b"", own) for code, own in zip(codes, lists, strict=True)),
        contests=tuple(
            Contest(
                PersonCode("P"), "A", codes[c], (), tuple(p for p, own in enumerate(lists) if c in own), None
            )
            for c in range(CONTESTS)
        ),
        stated=None,
    )
    manifest = Manifest(definition, vote.manifest.election_key, vote.manifest.ceremony)
    ballots = [a_ballot(manifest, p) for p in (0, 0, 1, 1, 2, 2)]
    plan = Plan(manifest.hash, board_root(ballots), len(ballots), definition.k, (None,) * CONTESTS)
    members = {
        **vote.members,
        "manifest.json": manifest.encode(),
        "board.bin": board_bytes(ballots),
        "plan.json": plan.encode(),
    }
    forms = {}
    for name, most in (("board.bin", 78_000), ("manifest.json", 860_000)):
        form = packed(members[name])
        forms[name] = EMPTY_BLOCK * ((most - len(form)) // len(EMPTY_BLOCK)) + form
    found = refused_in_time(zipped(members, forms), tmp_path)
    assert "11.1" in found
    assert not {"14.1", "4.1", "4.2", "8.2"} & set(found)


def a_ballot(manifest: Manifest, panel: int) -> bytes:
    """What decodes as a ballot (8.2), and is nothing more."""
    levels, point = len(manifest.definition.levels), BASE.encode()
    row = point * (2 + 2 * (levels + 1)) + bytes(32 * levels + 32 * (levels + 1))
    rows = len(manifest.definition.panels[panel].contests)
    return b"TNB2" + manifest.hash + u32(panel) + b"\1" * 32 + u32(1) + row * rows + bytes(320)
