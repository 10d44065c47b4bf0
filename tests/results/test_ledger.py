"""What is published stays: entered once, sealed, never replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.instants import read_instant
from surveys.names import RoundId
from surveys.results import publications as ledger
from surveys.results.errors import NotPublished, PublishedOtherwise
from surveys.results.publications import Publication
from surveys.stores.columns import Keyring, Unreadable
from surveys.stores.store import Store
from tests.published import SURVEY, a_definition, a_publication, published_round, the_results


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    held = ledger.find(stores.app, SURVEY)
    before = (stores.engines.root / "app.sqlite").read_bytes()
    later = replace(held, published_at=read_instant("2027-01-01T00:00:00Z"))
    assert ledger.publish(stores.app, later) is False
    assert (stores.engines.root / "app.sqlite").read_bytes() == before
    assert ledger.find(stores.app, SURVEY) == held
    stores.close()


@pytest.mark.parametrize(
    "change", [lambda held: replace(held, results=b"{}"), lambda held: replace(held, bundle_sha256="00" * 32)]
)
def test_other_results_of_the_same_round_are_refused(
    tmp_path: Path, change: Callable[[Publication], Publication]
) -> None:
    stores = published_round(tmp_path)
    held = ledger.find(stores.app, SURVEY)
    other = change(held)
    with pytest.raises(PublishedOtherwise):
        ledger.publish(stores.app, other)
    assert ledger.find(stores.app, SURVEY) == held
    stores.close()


def test_a_round_without_results_is_not_found(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    with pytest.raises(NotPublished):
        ledger.find(stores.app, RoundId("00" * 16))
    stores.close()


def test_names_do_not_stand_in_the_file(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    stores.close()
    raw = (tmp_path / "stores" / "app.sqlite").read_bytes()
    _, results = the_results(a_definition())
    assert "Nguyễn Văn Đạt".encode() in results
    assert "Nguyễn Văn Đạt".encode() not in raw
    assert a_publication(results).bundle_sha256.encode() in raw


def test_another_keyring_does_not_open_the_results(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    with pytest.raises(Unreadable):
        ledger.find(Store(stores.engines.app, Keyring.fresh()), SURVEY)
    stores.close()
