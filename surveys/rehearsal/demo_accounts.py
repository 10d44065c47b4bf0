"""Accounts of the demo, one for each role, for whoever tries the system out. Made once.

Their password and codes lie beside the stores, as they never would in a real instance: that is what makes
them a demo.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher

from surveys.accounts import keeping as register
from surveys.accounts.keeping import Secrets, account_by
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.staff_log import COMMAND_LINE, Act, StaffLog
from surveys.accounts.totp import code_now, new_code_secret
from surveys.names import PersonCode, UnitCode
from surveys.protocol.manifest import Definition
from surveys.stores.origin import require_demonstration
from surveys.stores.store import Stores

FILE = "demo-accounts.json"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as."""

    email: str
    name: str
    role: Role
    unit: UnitCode
    person: PersonCode | None = None
    password: str = field(default="", repr=False)


def cast(definition: Definition) -> tuple[DemoAccount, ...]:
    """Who the demo's accounts are: over the whole organisation, and over the first committee below it."""
    top = definition.top
    first = next((unit.code for unit in definition.units if unit.parent == top), top)
    leader = next((each for each in definition.contests if each.unit == first), definition.contests[0])
    return (
        DemoAccount("admin@example.org", "Quản trị", Role.ADMINISTRATOR, EVERYWHERE),
        DemoAccount("organizer@example.org", "Bộ phận tổ chức", Role.ORGANIZER, top),
        DemoAccount("local@example.org", "Văn phòng cơ sở", Role.ORGANIZER, first),
        DemoAccount("committee@example.org", "Trưởng ban Kiểm phiếu", Role.COMMITTEE_HEAD, top),
        DemoAccount("authority@example.org", "Ban Thường vụ", Role.AUTHORITY, top),
        DemoAccount("head@example.org", "Cấp ủy cơ sở", Role.AUTHORITY, first),
        DemoAccount("leader@example.org", leader.name, Role.LEADER, leader.unit, leader.person),
        DemoAccount("auditor@example.org", "Kiểm tra", Role.AUDITOR, top),
    )


def make_accounts(
    stores: Stores, log: StaffLog, instance: Path, definition: Definition
) -> tuple[DemoAccount, ...]:
    """The demo's accounts with their password; killed half-way and run again, those that are missing are
    made.
    """
    require_demonstration(stores.engines.app)
    path = instance / FILE
    if not path.exists():
        _keep(path, secrets.token_urlsafe(12))
    password = json.loads(path.read_text("utf-8"))["password"]
    made = []
    for each in cast(definition):
        if account_by(stores.app, email=each.email) is None:
            with log.acting(
                COMMAND_LINE, Act.ACCOUNT_INVITED, reason="demo", email=each.email, role=each.role.value
            ):
                grant = Grant(each.role, each.unit)
                register.add_account(
                    stores.app, name=each.name, email=each.email, person=each.person, given=(grant,)
                )
        account = account_by(stores.app, email=each.email)
        assert account is not None
        if account.secrets.password is None:
            kept = Secrets(PasswordHasher().hash(password), new_code_secret(stores.keyring))
            register.keep_secrets(stores.app, account.staff.id, kept)
        made.append(DemoAccount(each.email, each.name, each.role, each.unit, each.person, password))
    return tuple(made)


def codes(stores: Stores, instance: Path) -> tuple[tuple[str, str, int], ...]:
    """(address, code of this moment, seconds it is still good) of the demo's accounts; empty where there is
    no demo.
    """
    if not (instance / FILE).exists():
        return ()
    found = []
    for account in register.all_staff(stores.app):
        held = register.find_account(stores.app, account.id).secrets.totp
        if held is not None and account.email.endswith("@example.org"):
            found.append((account.email, *code_now(stores.keyring, held)))
    return tuple(found)


def _keep(path: Path, password: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.touch(0o600)
    fresh.write_text(json.dumps({"password": password}), "utf-8")
    fresh.replace(path)
