"""The demonstration works in an instance that it made itself, and beside nobody else's data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from surveys.names import UnitCode
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import (
    NotTheDemonstrations,
    TheDemonstrations,
    claim_for_demonstration,
    is_demonstration,
    require_demonstration,
)
from surveys.stores.store import Store
from tests.organisations import a_bloc


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    engines = Engines(tmp_path / "stores")
    engines.migrate_app()
    return engines


def test_an_empty_instance_becomes_the_demonstrations_and_stays_it(engines: Engines) -> None:
    assert not is_demonstration(engines.app)
    claim_for_demonstration(engines.app)
    import_organisation(Store(engines.app, Keyring.fresh()), a_bloc(), confirmed=False, by_demonstration=True)
    claim_for_demonstration(engines.app)
    require_demonstration(engines.app)
    assert is_demonstration(engines.app)


def test_no_other_organisation_comes_into_the_demonstrations_instance(engines: Engines) -> None:
    keyring = Keyring.fresh()
    claim_for_demonstration(engines.app)
    with pytest.raises(TheDemonstrations):
        import_organisation(Store(engines.app, keyring), a_bloc(), confirmed=False)
    import_organisation(Store(engines.app, keyring), a_bloc(), confirmed=False, by_demonstration=True)
    with pytest.raises(TheDemonstrations):
        import_organisation(Store(engines.app, keyring), subtree(a_bloc(), UnitCode("A")), confirmed=True)
    changed = replace(a_bloc(), people=a_bloc().people[:-1])
    import_organisation(Store(engines.app, keyring), changed, confirmed=True)


def test_an_instance_with_an_organisation_is_not_claimed(engines: Engines) -> None:
    import_organisation(Store(engines.app, Keyring.fresh()), a_bloc(), confirmed=False)
    with pytest.raises(NotTheDemonstrations):
        claim_for_demonstration(engines.app)
    with pytest.raises(NotTheDemonstrations):
        require_demonstration(engines.app)


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO units (code, name, kind) VALUES ('U', 'Đơn vị', 'x')",
        "INSERT INTO staff_log (number, at, previous, hash, entry) VALUES (1, '', x'', x'', x'')",
        "INSERT INTO ended_sessions (digest, until) VALUES (x'00', '')",
    ],
)
def test_one_row_of_any_kind_is_enough_to_be_somebodys(engines: Engines, row: str) -> None:
    with engines.app.begin() as connection:
        connection.execute(text(row))
    with pytest.raises(NotTheDemonstrations):
        claim_for_demonstration(engines.app)
    assert not is_demonstration(engines.app)
