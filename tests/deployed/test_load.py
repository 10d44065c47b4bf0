"""`make bench-load`, tiny: a real server, papers and ballots over the wire, a table and its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import measured
from benchmarks.load import asked_for, main
from benchmarks.polling import ROUND
from surveys.box.board import returned
from surveys.stores.engines import Engines
from tests.deployed.kit import make_keys_here


def test_a_load_is_measured_and_every_ballot_of_it_lies_in_the_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_keys_here(monkeypatch)
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    words = "--stores sqlite --servers serve --holds 3 --contests 2 --casts 5 --connections 4 --seconds 0.2"
    found = main(asked_for(words.split()), tmp_path / "instances", workers=1)
    (run,) = found["runs"]
    cast = 1 + run["casts"]["requests"] + run["casts at half"]["requests"]
    assert run["papers"]["requests"] == 10
    assert all(run[name]["a second"] > 0 for name in ("papers", "casts", "casts at half"))
    engines = Engines(next((tmp_path / "instances").glob("*")) / "var/lib/tin-nhiem/stores")
    assert returned(engines.box(ROUND), 1) == (3 + cast,)
    engines.close()
    assert json.loads((tmp_path / "load.json").read_text("utf-8"))["runs"][0]["server"] == "serve"
    assert "casts at half" in capsys.readouterr().out
