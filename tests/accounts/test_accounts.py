"""Accounts: made by invitation, kept sealed, ended for good; nobody gives a role beyond their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.administration import Administration
from surveys.accounts.errors import (
    AddressTaken,
    BadGrant,
    LastAdministrator,
    NoSuchInvitation,
    NoSuchStaff,
    NotYours,
    WeakPassword,
)
from surveys.accounts.keeping import Passkey, Secrets
from surveys.accounts.models import metadata
from surveys.accounts.roles import Grant, Role, Staff
from surveys.accounts.staff_log import StaffLog
from surveys.instants import instant
from surveys.names import UnitCode
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores

TREE = {
    UnitCode("K"): None,
    UnitCode("A"): UnitCode("K"),
    UnitCode("A1"): UnitCode("A"),
    UnitCode("B"): UnitCode("K"),
}
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
GOOD = "mười hai ký tự"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Administration]:
    stores = Stores(Engines(tmp_path / "stores"), Keyring.load_or_create(tmp_path / "keyring.json"))
    stores.engines.migrate_app()
    log = StaffLog(stores.app, lambda: NOW)
    yield Administration(stores.app, log, lambda: TREE, lambda: NOW)
    stores.close()


def account(house: Administration, name: str, *grants: Grant) -> Staff:
    return register.add_account(house.store, name=name, email=f"{name}@example.org", given=grants)


@pytest.fixture
def root(house: Administration) -> Staff:
    return account(house, "root", Grant(Role.ADMINISTRATOR, UnitCode("*")))


@pytest.fixture
def local(house: Administration, root: Staff) -> Staff:
    return account(house, "local", Grant(Role.ADMINISTRATOR, UnitCode("A")))


def test_an_address_belongs_to_one_account_whatever_its_case(house: Administration, root: Staff) -> None:
    with pytest.raises(AddressTaken):
        register.add_account(house.store, name="x", email=" ROOT@Example.org ")
    found = register.account_by(house.store, email="Root@example.org")
    assert found is not None
    assert found.staff == root


def test_names_addresses_and_secrets_stand_in_the_store_only_sealed(
    house: Administration, root: Staff
) -> None:
    kept = Secrets("a hash", "a totp secret", ("wxyz-3c4d-5e6f",))
    register.keep_secrets(house.store, root.id, kept)
    key = Passkey(
        "9" * 32,
        root.id,
        b"cred",
        b"public",
        "Máy ở cơ quan",
        1,
        ("usb",),
        False,
        "x",
        None,
        instant(NOW),
    )
    register.keep_passkey(house.store, key)
    with house.store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    text = value if isinstance(column.type, LargeBinary) else str(value).encode()
                    for secret in (
                        b"root",
                        b"example",
                        b"a hash",
                        b"totp",
                        b"wxyz",  # no hexadecimal digits: a hash says the like of "1a2b" now and then
                        "Máy".encode(),
                        b"public",
                    ):
                        assert secret not in text.lower(), column
    assert register.find_account(house.store, root.id).secrets == kept
    assert register.find_account(house.store, root.id).passkeys == (key,)


def test_an_invitation_is_good_once_until_a_newer_one_or_its_time(house: Administration, root: Staff) -> None:
    first = invitations.invite(house.store.engine, root.id, NOW)
    second = invitations.invite(house.store.engine, root.id, NOW)
    for token in (first, "", "x" * 43, second[:-1]):
        with pytest.raises(NoSuchInvitation):
            invitations.invited(house.store, token, NOW)
    late = NOW + timedelta(days=invitations.DAYS, seconds=1)
    with pytest.raises(NoSuchInvitation):
        invitations.invited(house.store, second, late)
    before = register.find_account(house.store, root.id)
    done = invitations.accept(house.store, second, GOOD, NOW, lambda word: f"hash of {word}")
    assert done.secrets.password
    assert done.uniquifier != before.uniquifier
    with pytest.raises(NoSuchInvitation):
        invitations.accept(house.store, second, GOOD, NOW, str)


@pytest.mark.parametrize("password", ["", "short", "a" * 30, "x" * 201, "root@example.org", "ababababababab"])
def test_a_password_that_is_easy_to_guess_is_refused_and_the_invitation_stands(
    house: Administration, root: Staff, password: str
) -> None:
    token = invitations.invite(house.store.engine, root.id, NOW)
    with pytest.raises(WeakPassword):
        invitations.accept(house.store, token, password, NOW, str)
    assert invitations.invited(house.store, token, NOW).secrets.password is None


def test_the_last_administrator_of_everything_cannot_be_ended(house: Administration, root: Staff) -> None:
    with pytest.raises(LastAdministrator):
        house.end_grant(root, root.id, Grant(Role.ADMINISTRATOR, UnitCode("*")), "r")
    with pytest.raises(LastAdministrator):
        house.set_active(root, root.id, False, "r")
    held = register.find_account(house.store, root.id).staff
    assert (held.grants, held.active) == (root.grants, True)


def test_an_administrator_gives_roles_in_their_own_units_only(house: Administration, local: Staff) -> None:
    made, _ = house.invite(
        local, "Lê Văn Bảy", "bay@example.org", Grant(Role.ORGANIZER, UnitCode("A1")), None, "r"
    )
    assert made.grants == (Grant(Role.ORGANIZER, UnitCode("A1")),)
    for unit in (UnitCode("B"), UnitCode("K"), UnitCode("*")):
        with pytest.raises((NotYours, BadGrant)):
            house.invite(local, "n", "n@example.org", Grant(Role.AUDITOR, unit), None, "r")
        with pytest.raises((NotYours, BadGrant)):
            house.grant(local, made.id, Grant(Role.ADMINISTRATOR, unit), "r")
    assert register.account_by(house.store, email="n@example.org") is None


def test_accounts_of_other_units_are_not_seen_and_shared_ones_not_ended(
    house: Administration, root: Staff, local: Staff
) -> None:
    other = account(house, "other", Grant(Role.ORGANIZER, UnitCode("B")))
    shared = account(
        house, "shared", Grant(Role.ORGANIZER, UnitCode("A1")), Grant(Role.ORGANIZER, UnitCode("B"))
    )
    assert {each.name for each in house.seen_by(local)} == {"local", "shared"}
    with pytest.raises(NoSuchStaff):
        house.one(local, other.id)
    for step in (house.new_link, house.forget_second_factors):
        with pytest.raises(NotYours):
            step(local, shared.id, "r")
    with pytest.raises(NotYours):
        house.set_active(local, shared.id, False, "r")
    with pytest.raises(NotYours):
        house.end_grant(local, shared.id, Grant(Role.ORGANIZER, UnitCode("B")), "r")
    assert house.end_grant(local, shared.id, Grant(Role.ORGANIZER, UnitCode("A1")), "r").grants == (
        Grant(Role.ORGANIZER, UnitCode("B")),
    )


def test_a_leader_needs_a_person_and_a_unit_must_exist(house: Administration, root: Staff) -> None:
    with pytest.raises(BadGrant):
        house.invite(root, "n", "n@example.org", Grant(Role.LEADER, UnitCode("A")), None, "r")
    with pytest.raises(BadGrant):
        house.invite(root, "n", "n@example.org", Grant(Role.AUDITOR, UnitCode("nowhere")), None, "r")


def test_an_ended_account_loses_sessions_and_invitation(
    house: Administration, root: Staff, local: Staff
) -> None:
    token = invitations.invite(house.store.engine, local.id, NOW)
    before = register.find_account(house.store, local.id).uniquifier
    house.set_active(root, local.id, False, "nghỉ việc")
    after = register.find_account(house.store, local.id)
    assert (after.staff.active, after.uniquifier != before) == (False, True)
    with pytest.raises(NoSuchInvitation):
        invitations.invited(house.store, token, NOW)
    with pytest.raises(NoSuchStaff):
        invitations.invite(house.store.engine, local.id, NOW)


def test_every_step_is_in_the_log_with_its_reason(house: Administration, root: Staff) -> None:
    made, _ = house.invite(
        root, "Lê Văn Bảy", "bay@example.org", Grant(Role.ORGANIZER, UnitCode("A1")), None, "QĐ 1"
    )
    house.grant(root, made.id, Grant(Role.AUDITOR, UnitCode("A")), "QĐ 2")
    house.new_link(root, made.id, "QĐ 3")
    house.forget_second_factors(root, made.id, "QĐ 4")
    house.set_active(root, made.id, False, "QĐ 5")
    assert [(each.act, each.reason) for each in reversed(house.log.entries())] == [
        ("account.invited", "QĐ 1"),
        ("account.grants", "QĐ 2"),
        ("account.invited", "QĐ 3"),
        ("account.factors_forgotten", "QĐ 4"),
        ("account.active", "QĐ 5"),
    ]
