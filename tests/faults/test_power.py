"""A power cut at any moment loses nothing that somebody was promised; the setting of before would have lost
it.

Simulated over what the process asked the disk to do (2 000 cuts under `make soak`), and on a real file system
whose image is copied at the moment of each promise, where the tests run as root.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from surveys.box.gate import State
from surveys.names import RoundId
from surveys.stores.engines import Engines
from tests.box.build import SURVEY
from tests.faults.acts import PAPERS, VOTERS
from tests.faults.recording import Disk, Step, read, recorder

pytestmark = pytest.mark.files

ROOT = Path(__file__).resolve().parents[2]
BOX, ROLL = (
    Engines(Path()).box_path(RoundId(SURVEY.hex())).name,
    Engines(Path()).roll_path(RoundId(SURVEY.hex())).name,
)
CUTS, MANY_CUTS = 150, 2000


def broken_promises(folder: Path, told: list[str]) -> list[str]:
    """What was told before the cut and does not hold after it."""
    if not told:
        return []
    with (
        closing(sqlite3.connect(folder / "stores" / BOX)) as box,
        closing(sqlite3.connect(folder / "stores" / ROLL)) as roll,
    ):
        for store in (box, roll):
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {
            key.hex(): int.from_bytes(sequence, "big")
            for key, sequence in box.execute("SELECT ballot_key, sequence FROM head WHERE used = x'01'")
        }
        blinded = {row[0].hex() for row in roll.execute("SELECT blinded FROM slips")}
        slips = roll.execute("SELECT count(*) FROM slips").fetchone()[0]
        state = box.execute("SELECT state FROM gate").fetchone()[0]
        private = b"".join(row[0] for row in roll.execute("SELECT private_key FROM panels"))
    bundle = folder / "bundles" / "bundle.zip"
    broken = []
    for promise in told:
        what, *said = promise.split("/")
        ways: dict[str, Callable[[], bool]] = {
            "frozen": lambda: slips == 2 * VOTERS,
            "issued": lambda: said[0] in blinded,
            "cast": lambda: kept.get(said[0], 0) >= int(said[1]),
            "shut": lambda: state in STATES["shut"],
            "sealed": lambda: state in STATES["sealed"] and len(kept) == VOTERS,
            "destroyed": lambda: not any(private),
            "certified": lambda: bundle.exists() and bundle.read_bytes() == PAPERS,
        }
        if not ways[what]():
            broken.append(what)
    return broken


STATES = {"shut": {State.SHUT.value, State.SEALED.value}, "sealed": {State.SEALED.value}}


def run(folder: Path, synchronous: str, **more: str) -> None:
    folder.mkdir()
    call = [sys.executable, "-m", "tests.faults.acts", str(folder), synchronous]
    subprocess.run(call, cwd=ROOT, env={**os.environ, **more}, check=True)


def recorded(folder: Path, synchronous: str) -> list[Step]:
    record = folder / "record"
    disk = folder / "disk"
    run(disk, synchronous, LD_PRELOAD=str(recorder(folder)), RECORD_TO=str(record), RECORD_FOLDER=f"{disk}/")
    return read(record)


def after_cuts(steps: list[Step], top: str, count: int, folder: Path) -> Iterator[list[str]]:
    """The broken promises of so many cuts: half right after a promise, half anywhere after the first."""
    draw = random.Random(count)
    promises = [at for at, step in enumerate(steps, 1) if step.what == "A"]
    moments = [draw.choice(promises) for _ in range(count // 2)]
    moments += [draw.randrange(promises[0], len(steps) + 1) for _ in range(count - len(moments))]
    disk, taken = Disk(), 0
    for moment in sorted(moments):
        for step in steps[taken:moment]:
            disk.take(step)
        taken = moment
        here = folder / "cut"
        for path, content in disk.cut(draw).items():
            file = here / Path(path).relative_to(top)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        yield broken_promises(here, disk.told)
        shutil.rmtree(here)


def test_no_power_cut_loses_what_was_promised(tmp_path: Path) -> None:
    steps = recorded(tmp_path, "EXTRA")
    assert {step.what for step in steps} >= set("ACDFLRUW")
    broken = list(after_cuts(steps, f"{tmp_path}/disk", CUTS, tmp_path))
    assert (len(broken), [each for each in broken if each]) == (CUTS, [])


@pytest.mark.soak
def test_no_power_cut_of_two_thousand_loses_what_was_promised(tmp_path: Path) -> None:
    steps = recorded(tmp_path, "EXTRA")
    broken = list(after_cuts(steps, f"{tmp_path}/disk", MANY_CUTS, tmp_path))
    assert (len(broken), [each for each in broken if each]) == (MANY_CUTS, [])


def test_the_setting_of_before_lost_papers_and_ballots(tmp_path: Path) -> None:
    """The twin: with FULL the journal's end is not on the disk when the answer leaves."""
    steps = recorded(tmp_path, "FULL")
    broken = list(after_cuts(steps, f"{tmp_path}/disk", CUTS, tmp_path))
    lost = {what for each in broken for what in each}
    assert {"issued", "cast"} <= lost


def command(*call: object) -> None:
    done = subprocess.run([str(each) for each in call], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{call}: {done.stderr}"


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    command("mount", "-o", "loop", image, at)
    try:
        yield at
    finally:
        command("umount", at)


def a_file_system(kind: str, folder: Path) -> Path:
    """An image with an empty file system. Skips, loudly, where this machine has none of this kind."""
    if os.geteuid() != 0 or shutil.which(f"mkfs.{kind}") is None:
        pytest.skip(f"NO POWER CUT ON A REAL {kind}: needs root and mkfs.{kind}")
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate((64 if kind == "ext4" else 330) * 1024**2)
    command(f"mkfs.{kind}", "-q", image)
    probe = folder / "probe"
    probe.mkdir()
    if subprocess.run(["mount", "-o", "loop", image, probe], capture_output=True, check=False).returncode:
        pytest.skip(f"NO POWER CUT ON A REAL {kind}: no loop device can be mounted here")
    command("umount", probe)
    return image


def lost_of_images(kind: str, synchronous: str, folder: Path) -> tuple[int, set[str]]:
    """(images, what was told and lost): each image is that of the device at the moment of a promise."""
    image, copy = a_file_system(kind, folder), folder / "copy"
    told: list[str] = []
    lost: set[str] = set()
    with mounted(image, folder / "live") as live:
        (live / "disk").mkdir()
        command("sync", "-f", live)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.faults.acts", live / "disk", synchronous, "wait"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as acts:
            assert acts.stdin
            assert acts.stdout
            for line in acts.stdout:
                told.append(line.strip())
                command("cp", "--sparse=always", image, copy)
                with mounted(copy, folder / "after") as after:
                    lost.update(broken_promises(after / "disk", told))
                acts.stdin.write("\n")
                acts.stdin.flush()
        assert acts.returncode == 0
    return len(told), lost


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_no_power_cut_on_a_real_file_system_loses_what_was_promised(kind: str, tmp_path: Path) -> None:
    assert lost_of_images(kind, "EXTRA", tmp_path) == (20, set())


def test_the_setting_of_before_lost_them_on_a_real_file_system_too(tmp_path: Path) -> None:
    assert {"issued", "cast"} <= lost_of_images("ext4", "FULL", tmp_path)[1]


@pytest.mark.soak
def test_no_power_cut_of_two_hundred_on_a_real_file_system_loses_what_was_promised(tmp_path: Path) -> None:
    for run_ in range(10):
        folder = tmp_path / str(run_)
        folder.mkdir()
        assert lost_of_images("ext4", "EXTRA", folder) == (20, set())
