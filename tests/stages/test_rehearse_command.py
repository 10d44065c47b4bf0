"""`surveys rehearse` as its user runs it: real files in, real cryptography, verified files out."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from surveys.audit.verifier import verify
from tests.client.second import agree
from tests.organisations import a_bloc, one_hall, write, write_marks

SURVEYS = Path(sys.executable).with_name("surveys")
DELIVERED = {"bundle.zip", "results.json", "results.csv", "minutes.txt", "minutes.xlsx", "minutes.pdf"}
LEADERS = (("A1-01", "K"), ("A1-02", "A"), ("A1-03", "A1"))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SURVEYS, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )


def rehearse(folder: Path, organisation: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return run("rehearse", "--organisation", organisation, "--year", 2026, "--out", folder / "out", *more)


def results(folder: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((folder / "out" / "results.json").read_bytes())
    return {f"{contest['person']}@{contest['unit']}": contest for contest in document["contests"]}


def bloc_marks() -> list[tuple[str, str, str, str]]:
    """A1: six voters, five return (one marks nothing), one keeps the paper. A2: both return. A3: five of
    seven. B1: two of three.
    """
    rows: list[tuple[str, str, str, str]] = []
    for voter, levels in {
        "A1-01": ("high", "low", "plain"),
        "A1-02": ("high", "low", "plain"),
        "A1-03": ("plain", "low", ""),
        "A1-04": ("low", "low", "high"),
        "A1-05": ("", "", ""),
    }.items():
        rows += [(voter, person, unit, level) for (person, unit), level in zip(LEADERS, levels, strict=True)]
    rows.append(("A1-06", "", "", "issued"))
    for voter in ("A2-01", "A2-02", "A3-01", "A3-02", "A3-03", "A3-04", "A3-05"):
        rows += [(voter, "A1-01", "K", "high"), (voter, "A1-02", "A", "low" if voter < "A3-03" else "plain")]
    rows += [
        ("B1-01", "A1-01", "K", "low"),
        ("B1-02", "A1-01", "K", "plain"),
        ("B1-02", "B1-01", "B1", "high"),
    ]
    return rows


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bloc")
    done = rehearse(folder, write(folder, a_bloc()), "--marks", write_marks(folder, bloc_marks()))
    assert done.returncode == 0, done.stderr
    return folder


def test_the_totals_are_those_of_the_marks(voted: Path) -> None:
    bloc = results(voted)["A1-01@K"]
    assert bloc["levels"] == {"high": 9, "plain": 2, "low": 2}
    assert (bloc["returned"], bloc["issued"], bloc["present"], bloc["summoned"]) == (14, 15, 15, 18)
    assert bloc["not_marked"] == 1
    assert bloc["denominator"] == {"name": "returned", "n": 14}
    assert bloc["percent"] == {"high": "64.29", "plain": "14.29", "low": "14.29"}
    cell = results(voted)["A1-03@A1"]
    assert cell["levels"] == {"high": 1, "plain": 2, "low": 0}
    assert (cell["returned"], cell["not_marked"]) == (5, 2)


def test_small_cells_are_merged_with_siblings_then_above(voted: Path) -> None:
    breakdown = results(voted)["A1-01@K"]["breakdown"]
    assert [(group["units"], group["returned"]) for group in breakdown] == [
        (["A1", "A2"], 7),
        (["A3", "B1"], 7),
    ]


def test_two_years_with_a_low_majority_raise_the_watch_flag(voted: Path) -> None:
    committee = results(voted)["A1-02@A"]
    assert committee["levels"] == {"high": 0, "plain": 3, "low": 8}
    assert committee["outcome"] == "removed"
    assert committee["watch"] == ["two_years"]


def test_a_contest_under_k_is_withheld_and_carries_no_counts(voted: Path) -> None:
    withheld = results(voted)["B1-01@B1"]
    assert set(withheld["withheld"]) == {"vi", "en"}
    silent = ("present", "issued", "returned", "levels", "not_marked", "denominator", "percent", "outcome")
    assert all(withheld[name] is None for name in silent)
    assert withheld["breakdown"] == []


def test_nothing_but_the_six_files_is_left(voted: Path) -> None:
    assert {path.name for path in (voted / "out").iterdir()} == DELIVERED


def test_the_second_verifier_says_the_same_of_a_rehearsed_vote(voted: Path) -> None:
    bundle = voted / "out" / "bundle.zip"
    first = verify(bundle)
    assert first.good
    agree(bundle, first)


def test_the_bundle_verifies_and_says_so_in_json(voted: Path) -> None:
    done = run("verify", voted / "out" / "bundle.zip", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["good"] is True


def test_the_table_and_the_minutes_say_the_same(voted: Path) -> None:
    with (voted / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["unit"] == "K" and not row["units"]]
    assert [(row["high"], row["plain"], row["low"], row["returned"]) for row in rows] == [
        ("9", "2", "2", "14")
    ]
    text = (voted / "out" / "minutes.txt").read_text("utf-8")
    assert "; K; returned 14; high 9 (64.29 %), plain 2 (14.29 %), low 2 (14.29 %); not marked 1;" in text
    assert "Số phiếu phát ra / Ballots issued: 15" in text


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """485 summoned; 475 return 323 high, 146 plain, 6 low."""
    folder = tmp_path_factory.mktemp("council")
    levels = ["high"] * 323 + ["plain"] * 146 + ["low"] * 6
    write_marks(folder, [(f"v{n:03}", "v001", "H", level) for n, level in enumerate(levels, start=1)])
    write(folder, one_hall(485))
    return folder


def council_again(council: Path, preset: str) -> list[object]:
    return [
        "--marks",
        council / "marks.csv",
        "--preset",
        preset,
        "--present",
        480,
    ]


def test_published_percentages_reproduce(council: Path) -> None:
    done = rehearse(council, council / "organisation.xlsx", *council_again(council, "nq85-2014"))
    assert done.returncode == 0, done.stderr
    result = results(council)["v001@H"]
    assert result["denominator"] == {"name": "summoned", "n": 485}
    assert result["percent"] == {"high": "66.60", "plain": "30.10", "low": "1.24"}
    assert (result["summoned"], result["present"], result["issued"]) == (485, 480, 475)


def test_below_quorum_the_outcome_says_so(tmp_path: Path) -> None:
    marks = [(f"v{n:03}", "v001", "H", "low") for n in range(1, 8)]
    done = rehearse(tmp_path, write(tmp_path, one_hall(12)), "--marks", write_marks(tmp_path, marks))
    assert done.returncode == 0, done.stderr
    assert results(tmp_path)["v001@H"]["outcome"] == "no_quorum"
    assert "H: không đủ số người tối thiểu / below quorum (7/12)" in (tmp_path / "out/minutes.txt").read_text(
        "utf-8"
    )


def test_with_two_levels_and_another_committee(tmp_path: Path) -> None:
    marks = [(f"v{n:03}", "v001", "H", "no_confidence" if n < 6 else "confidence") for n in range(1, 10)]
    more = ("--preset", "formal-vote", "--trustees", 5, "--threshold", 3, "--k", 3)
    done = rehearse(tmp_path, write(tmp_path, one_hall(9)), "--marks", write_marks(tmp_path, marks), *more)
    assert done.returncode == 0, done.stderr
    result = results(tmp_path)["v001@H"]
    assert result["levels"] == {"confidence": 4, "no_confidence": 5}
    assert result["outcome"] == "dismissal"


def test_every_error_in_the_marks_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [
        ("nobody", "A1-01", "K", "high"),
        ("A1-01", "A1-01", "K", "best"),
        ("A1-01", "B1-01", "B1", "high"),
        ("A1-02", "A1-09", "K", "high"),
        ("A1-03", "A1-01", "K", "high"),
        ("A1-03", "A1-01", "K", "low"),
        ("A1-04", "", "", "issued"),
        ("A1-04", "A1-01", "K", "low"),
    ]
    done = rehearse(tmp_path, write(tmp_path, a_bloc()), "--marks", write_marks(tmp_path, rows))
    assert done.returncode == 1
    assert "6 errors; nothing was written" in done.stderr
    for row in (2, 3, 4, 5, 7, 9):
        assert f"│ {row} " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "results.json").exists()


@pytest.mark.parametrize(
    ("more", "status", "sentence"),
    [
        (("--present", 3), 1, "3 present is not between 15 (papers issued) and 18 (summoned)"),
        (("--present", 19), 1, "19 present is not between"),
        (("--preset", "no-such"), 1, "there is no preset no-such"),
        (("--threshold", 3), 2, "one lost sheet must not lose the vote"),
        (("--k", 2), 2, "2 is not in the range"),
        (("--trustees", 2), 2, "2 is not in the range"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, more: tuple[object, ...], status: int, sentence: str
) -> None:
    done = rehearse(
        tmp_path, write(tmp_path, a_bloc()), "--marks", write_marks(tmp_path, bloc_marks()), *more
    )
    assert done.returncode == status
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_rehearsal_that_was_killed_runs_again_and_shows_the_shares_of_returned_ballots(
    council: Path,
) -> None:
    organisation, more = council / "organisation.xlsx", council_again(council, "qd96-2023")
    out = council / "killed" / "out"
    command = [SURVEYS, "rehearse", "--organisation", organisation, "--year", "2026", "--out", out, *more]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    box = out / ".rehearsal" / "stores"
    deadline = time.monotonic() + 120
    while not (list(box.glob("box-*.sqlite")) and _has_ballot(box)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "results.json").exists()
    again = rehearse(council / "killed", council / "organisation.xlsx", *more)
    assert again.returncode == 0, again.stderr
    assert {path.name for path in out.iterdir()} == DELIVERED
    result = results(council / "killed")["v001@H"]
    assert result["denominator"] == {"name": "returned", "n": 475}
    assert result["percent"] == {"high": "68.00", "plain": "30.74", "low": "1.26"}


def _has_ballot(folder: Path) -> bool:
    return any(b"TNB2" in path.read_bytes() for path in folder.glob("box-*.sqlite"))


def test_an_interrupt_from_the_keyboard_cleans_up(tmp_path: Path) -> None:
    organisation = write(tmp_path, one_hall(400))
    command: list[str | Path] = [
        SURVEYS,
        "rehearse",
        "--organisation",
        organisation,
        "--year",
        "2026",
        "--out",
        tmp_path / "out",
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Whatever runs the tests in the background may have them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "out" / ".rehearsal" / "stores").is_dir():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # Python drops an interrupt that falls into a callback of its own: like a person, press again until it
    # ends.
    while process.poll() is None:
        assert time.monotonic() < deadline
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=5)
    assert process.returncode != 0
    assert list((tmp_path / "out").iterdir()) == []
