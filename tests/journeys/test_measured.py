"""`make bench-browser`, tiny: the booth at two visits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from benchmarks import browser, measured


def test_the_booth_is_measured_at_both_visits(
    driver: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    monkeypatch.setattr(browser, "NETWORKS", {"as it is": None})
    found = browser.main(driver, None, 2, (1,))
    first, second = found["booth"]
    assert 0 < second["requests"] < first["requests"]
    assert second["kB"] < first["kB"] / 2
    assert json.loads((tmp_path / "browser.json").read_text("utf-8"))["booth"] == found["booth"]
