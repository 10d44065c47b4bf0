"""`surveys minutes` as its user runs it, on the bundle of a rehearsal: the certified minutes again, other
papers, tables.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveys.cli import main
from surveys.papers.typeset import press
from tests.minuted import pages_of
from tests.organisations import a_bloc, write

SURVEYS = Path(sys.executable).with_name("surveys")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("minutes")
    organisation = write(folder, a_bloc())
    command: list[str | Path] = [
        SURVEYS,
        "rehearse",
        "--organisation",
        organisation,
        "--year",
        "2026",
        "--out",
        folder / "out",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def minutes(out: Path, *more: object) -> Result:
    return CliRunner().invoke(main, ["minutes", str(out / "bundle.zip"), "--jobs", "1", *map(str, more)])


def test_the_minutes_made_anew_are_the_certified_file(out: Path, tmp_path: Path) -> None:
    done = minutes(out, "--out", tmp_path / "again.pdf")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again.pdf").read_bytes() == (out / "minutes.pdf").read_bytes()
    assert "The bundle names the typeset minutes with SHA-256" in done.output
    compared = CliRunner().invoke(
        main, ["verify", str(out / "bundle.zip"), "--jobs", "1", "--minutes", str(out / "minutes.pdf")]
    )
    assert compared.exit_code == 0


def test_without_a_file_it_only_compares(out: Path) -> None:
    before = sorted(out.iterdir())
    assert minutes(out).exit_code == 0
    assert sorted(out.iterdir()) == before


def test_software_that_sets_them_otherwise_says_so_and_writes_nothing(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    code = press.CHILD.read_text("utf-8").replace(
        "Path(__file__).parent", f"Path({str(press.CHILD.parent)!r})"
    )
    child.write_text(code.replace('["a-2a", "ua-1"]', '["a-2a"]'), "utf-8")
    monkeypatch.setattr(press, "CHILD", child)
    done = minutes(out, "--out", tmp_path / "again.pdf")
    assert done.exit_code == 1
    assert "Not the certified minutes" in done.output
    assert "surveys verify BUNDLE --minutes FILE" in done.output
    assert not (tmp_path / "again.pdf").exists()
    done = minutes(out, "--out", tmp_path / "again.pdf", "--uncertified")
    assert done.exit_code == 1
    assert (tmp_path / "again.pdf").read_bytes().startswith(b"%PDF-")


def test_tables_and_results_come_from_the_bundle(out: Path, tmp_path: Path) -> None:
    names = {option: tmp_path / f"x.{option}" for option in ("xlsx", "csv", "json")}
    done = minutes(out, *(each for option, path in names.items() for each in (f"--{option}", path)))
    assert done.exit_code == 0, done.output
    assert names["json"].read_bytes() == (out / "results.json").read_bytes()
    assert names["csv"].read_bytes() == (out / "results.csv").read_bytes()
    assert names["xlsx"].read_bytes() == (out / "minutes.xlsx").read_bytes()
    rows = list(csv.DictReader(io.StringIO(names["csv"].read_text("utf-8-sig"))))
    contests = json.loads(names["json"].read_bytes())["contests"]
    whole = [row for row in rows if not row["units"]]
    assert [(row["person"], row["unit"]) for row in whole] == [(c["person"], c["unit"]) for c in contests]


def test_one_unit_and_the_report_upward(out: Path, tmp_path: Path) -> None:
    assert minutes(out, "--unit", "A", "--out", tmp_path / "a.pdf").exit_code == 0
    assert minutes(out, "--report", "A", "--out", tmp_path / "b.pdf").exit_code == 0
    assert "của Đảng ủy" in pages_of((tmp_path / "a.pdf").read_bytes())[0]
    assert "HẠN CHẾ LƯU HÀNH" in pages_of((tmp_path / "b.pdf").read_bytes())[0]


@pytest.mark.parametrize(
    ("more", "status", "sentence"),
    [
        (("--unit", "Z", "--out", "z.pdf"), 1, "Refused: this round has no unit with the code 'Z'"),
        (("--report", "A2", "--out", "z.pdf"), 1, "Refused: nobody was voted on in unit 'A2'"),
        (("--unit", "A", "--report", "A", "--out", "z.pdf"), 2, "one at a time"),
        (("--unit", "A"), 2, "say with --out where the paper goes"),
        (("--xlsx", "no/such/folder/x.xlsx"), 2, "cannot be written"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    status: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = minutes(out, *more)
    assert done.exit_code == status, done.output
    assert sentence in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_does_not_hold_gives_no_paper(out: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    raw = bytearray((out / "bundle.zip").read_bytes())
    raw[len(raw) // 2] ^= 1
    (broken / "bundle.zip").write_bytes(raw)
    done = minutes(broken, "--out", tmp_path / "z.pdf", "--csv", tmp_path / "z.csv")
    assert done.exit_code == 1
    assert "The bundle does not hold" in done.output
    assert sorted(tmp_path.iterdir()) == [broken]
