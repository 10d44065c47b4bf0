"""What is published stays: entered once, sealed, never replaced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from surveys.results import ledger
from surveys.results.errors import NotPublished, PublishedOtherwise
from surveys.stores.columns import Keyring, Unreadable
from tests.published import SURVEY, a_definition, a_publication, published_round, the_results


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    stores, keyring = published_round(tmp_path)
    held = ledger.find(stores.app, keyring, SURVEY)
    before = (stores.root / "app.sqlite").read_bytes()
    later = replace(held, published_at="2027-01-01T00:00:00Z")
    assert ledger.publish(stores.app, keyring, later) is False
    assert (stores.root / "app.sqlite").read_bytes() == before
    assert ledger.find(stores.app, keyring, SURVEY) == held
    stores.close()


@pytest.mark.parametrize("field", ["results", "bundle_sha256"])
def test_other_results_of_the_same_round_are_refused(tmp_path: Path, field: str) -> None:
    stores, keyring = published_round(tmp_path)
    held = ledger.find(stores.app, keyring, SURVEY)
    other = replace(held, **{field: b"{}" if field == "results" else "00" * 32})
    with pytest.raises(PublishedOtherwise):
        ledger.publish(stores.app, keyring, other)
    assert ledger.find(stores.app, keyring, SURVEY) == held
    stores.close()


def test_a_round_without_results_is_not_found(tmp_path: Path) -> None:
    stores, keyring = published_round(tmp_path)
    with pytest.raises(NotPublished):
        ledger.find(stores.app, keyring, "00" * 16)
    stores.close()


def test_names_do_not_stand_in_the_file(tmp_path: Path) -> None:
    stores, _ = published_round(tmp_path)
    stores.close()
    raw = (tmp_path / "stores" / "app.sqlite").read_bytes()
    _, results = the_results(a_definition())
    assert "Nguyễn Văn Đạt".encode() in results
    assert "Nguyễn Văn Đạt".encode() not in raw
    assert a_publication(results).bundle_sha256.encode() in raw


def test_another_keyring_does_not_open_the_results(tmp_path: Path) -> None:
    stores, _ = published_round(tmp_path)
    with pytest.raises(Unreadable):
        ledger.find(stores.app, Keyring.fresh(), SURVEY)
    stores.close()
