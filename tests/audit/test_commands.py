"""`surveys verify`: what it prints, and its exit status."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.audit.bundle import write_bundle
from surveys.audit.report import as_json, harmless, print_report
from surveys.audit.verifier import CHECKS, Finding, Report, Verdict
from surveys.commands.verify import verify
from tests.audit.build import a_vote


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    write_bundle(path, a_vote().members)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.zip"
    write_bundle(path, {**a_vote().members, "minutes.txt": b"#1 nothing\n"})
    return path


def _rows(output: str) -> Iterator[list[str]]:
    for line in output.splitlines():
        words = line.split()
        if words and words[0] in CHECKS:
            yield words


def test_a_good_bundle_exits_0_and_lists_every_check(good: Path) -> None:
    done = CliRunner().invoke(verify, [str(good), "--jobs", "1"])
    assert done.exit_code == 0
    assert [words[0] for words in _rows(done.output)] == list(CHECKS)
    assert all(words[-1] == "passed" for words in _rows(done.output))
    assert (
        done.output.splitlines()[-1]
        == "All 40 checks hold: the results follow from the ballots on this board."
    )


def test_a_bad_bundle_exits_1_and_names_the_check(bad: Path) -> None:
    done = CliRunner().invoke(verify, [str(bad), "--jobs", "1"])
    assert done.exit_code == 1
    assert "check 13.5 failed (2 failed, 0 not reached, of 40)" in done.output.splitlines()[-1]
    row = next(words for words in _rows(done.output) if words[0] == "13.5")
    assert "FAILED:" in row


def test_vietnamese_is_spoken_throughout(bad: Path, good: Path) -> None:
    done = CliRunner().invoke(verify, [str(bad), "--lang", "vi", "--jobs", "1"])
    assert done.exit_code == 1
    assert "mục 13.5 sai" in done.output.splitlines()[-1]
    assert "KHÔNG ĐẠT" in done.output
    done = CliRunner().invoke(verify, [str(good), "--lang", "vi", "--jobs", "1"])
    assert "Cả 40 mục đều đạt" in done.output
    assert "passed" not in done.output


def test_a_missing_file_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    done = CliRunner().invoke(verify, [str(tmp_path / "none.zip")])
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("Error: there is no file")


def test_a_directory_and_a_foreign_file_are_verdicts(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"nothing")
    for path in (tmp_path, tmp_path / "x.zip"):
        done = CliRunner().invoke(verify, [str(path)])
        assert done.exit_code == 1
        assert "check 14.1 failed (1 failed, 39 not reached, of 40)" in done.output


def test_json_is_one_document(good: Path, bad: Path) -> None:
    for path, holds in ((good, True), (bad, False)):
        done = CliRunner().invoke(verify, [str(path), "--json", "--jobs", "1"])
        document = json.loads(done.stdout)
        assert document["good"] is holds
        assert done.exit_code == (0 if holds else 1)
        assert [check["check"] for check in document["checks"]] == list(CHECKS)
        assert document["manifest"] == a_vote().manifest.hash.hex()
        wheres = {
            check["check"]: check["where"] for check in document["checks"] if check["where"] is not None
        }
        assert set(wheres) == (set() if holds else {"13.5", "13.6"})


HOSTILE = "a\x1b[2Jb\u202ec[bold]d\n\x9b2J"


def test_foreign_text_reaches_no_terminal_as_a_command() -> None:
    """The twin: the same text, unguarded, holds an escape, a reordering mark and a line feed."""
    assert not HOSTILE.isprintable()
    assert harmless(HOSTILE).isprintable()
    assert harmless("x" * 1000) == "x" * 300 + "…"
    facts = {
        "survey": None,
        "title_vi": HOSTILE,
        "title_en": HOSTILE,
        "manifest": "ab",
        "board": None,
        "ballots": 1,
    }
    report = Report((Finding("4.1", "t", "t", Verdict.FAILED, HOSTILE, HOSTILE),), facts)
    out = io.StringIO()
    print_report(report, "en", out)
    for printed in (out.getvalue(), as_json(report)):
        assert not {"\x1b", "\x9b", "\u202e"} & set(printed)
        assert "[bold]" in printed
