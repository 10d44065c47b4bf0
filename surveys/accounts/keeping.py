"""The accounts of staff: each verb one transaction (docs/operations.md, "Staff").

An account is made by inviting somebody and has no password until the invitation is accepted
(`surveys.accounts.invitations`).
Danger: the profile and the secrets of an account stand sealed in one row; whoever could write it could sign
in as anybody, so only these verbs do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update

from surveys.accounts.errors import AccountChanged, AddressTaken, CodeSpent, LastAdministrator, NoSuchStaff
from surveys.accounts.models import api_token_grants, api_tokens, grants, invitations, passkeys, staff
from surveys.accounts.roles import EVERYWHERE, Grant, Role, Staff
from surveys.instants import Instant, instant_text, read_instant
from surveys.json_types import JsonObject
from surveys.names import PersonCode
from surveys.stores.columns import Keyring, key_number
from surveys.stores.store import Store

RandBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an account signs in with: the hash of its password, its TOTP secret, its recovery codes (each good
    once).

    `spent` is the time step of the code used last: no code up to it is good any more.
    """

    password: str | None = field(default=None, repr=False)
    totp: str | None = field(default=None, repr=False)
    recovery: tuple[str, ...] = field(default=(), repr=False)
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential of an account."""

    id: str
    staff: str
    credential: bytes
    public_key: bytes = field(repr=False)
    name: str
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool
    device: str
    extensions: str | None
    used: Instant


@dataclass(frozen=True, slots=True)
class Account:
    """An account with all that signing in needs."""

    staff: Staff
    secrets: Secrets
    uniquifier: str
    handle: str
    passkeys: tuple[Passkey, ...]

    @property
    def has_second_factor(self) -> bool:
        """Whether a code or a passkey is asked for beside the password."""
        return bool(self.secrets.totp or self.passkeys)


def add_account(
    store: Store,
    *,
    name: str,
    email: str,
    person: PersonCode | None = None,
    given: Collection[Grant] = (),
    randbytes: RandBytes = secrets.token_bytes,
) -> Staff:
    """A new account without a password. One transaction. Raises AddressTaken."""
    made = Staff(randbytes(16).hex(), name, email, person, True, tuple(sorted(given)))
    index = _index(store.keyring, email)
    with store.begin() as connection:
        if connection.scalar(select(staff.c.id).where(staff.c.email_index == index)) is not None:
            raise AddressTaken("another account has this address")
        connection.execute(
            insert(staff).values(
                id=made.id,
                email_index=index,
                profile=_seal(store.keyring, "profile", made.id, _profile(made)),
                secrets=_seal(store.keyring, "secrets", made.id, _written(Secrets())),
                uniquifier=randbytes(32).hex(),
                handle=randbytes(32).hex(),
                active=True,
            )
        )
        _grant(connection, made.id, made.grants)
    return made


def find_account(store: Store, staff_id: str) -> Account:
    """The account with this id. Raises NoSuchStaff."""
    found = _find(store, staff.c.id == staff_id)
    if found is None:
        raise NoSuchStaff(staff_id)
    return found


def account_by(store: Store, **named: str) -> Account | None:
    """The account with this `email`, `uniquifier` or `handle`, if there is one."""
    ((name, value),) = named.items()
    if name == "email":
        return _find(store, staff.c.email_index == _index(store.keyring, value))
    return _find(store, {"uniquifier": staff.c.uniquifier, "handle": staff.c.handle}[name] == value)


def account_of_passkey(store: Store, credential: bytes) -> Account | None:
    """The account that registered this credential, if there is one."""
    with store.reading() as connection:
        owner = connection.scalar(select(passkeys.c.staff).where(passkeys.c.credential == credential))
    return None if owner is None else find_account(store, owner)


def all_staff(store: Store) -> tuple[Staff, ...]:
    """Every account, by name."""
    with store.reading() as connection:
        rows = connection.execute(select(staff)).all()
        held: dict[str, list[Grant]] = {}
        for row in connection.execute(select(grants)):
            held.setdefault(row.staff, []).append(Grant(Role(row.role), row.unit))
    found = [_staff(store.keyring, row, held.get(row.id, ())) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.name, each.email)))


def change_grants(store: Store, staff_id: str, given: Collection[Grant]) -> Staff:
    """Give an account exactly these roles. One transaction. Raises NoSuchStaff or LastAdministrator; nothing
    is changed then.
    """
    with store.begin() as connection:
        row = _row(connection, staff_id)
        connection.execute(delete(grants).where(grants.c.staff == staff_id))
        _grant(connection, staff_id, given)
        _somebody_administers(connection)
        return _staff(store.keyring, row, given)


def set_active(
    engine: Engine, staff_id: str, active: bool, randbytes: RandBytes = secrets.token_bytes
) -> None:
    """Let an account sign in, or no more: then its sessions, invitation and tokens end at once. One
    transaction.

    Raises NoSuchStaff or LastAdministrator.
    """
    with engine.begin() as connection:
        _row(connection, staff_id)
        values: dict[str, object] = {"active": active}
        if not active:
            values["uniquifier"] = randbytes(32).hex()
            connection.execute(delete(invitations).where(invitations.c.staff == staff_id))
            theirs = select(api_tokens.c.id).where(api_tokens.c.staff == staff_id)
            connection.execute(delete(api_token_grants).where(api_token_grants.c.token.in_(theirs)))
            connection.execute(delete(api_tokens).where(api_tokens.c.staff == staff_id))
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))
        _somebody_administers(connection)


def sign_out_everywhere(engine: Engine, staff_id: str, randbytes: RandBytes = secrets.token_bytes) -> str:
    """End every session of an account; the new name of its sessions. One transaction. Raises NoSuchStaff."""
    fresh = randbytes(32).hex()
    with engine.begin() as connection:
        _row(connection, staff_id)
        connection.execute(update(staff).where(staff.c.id == staff_id).values(uniquifier=fresh))
    return fresh


def keep_secrets(
    store: Store,
    staff_id: str,
    kept: Secrets,
    uniquifier: str | None = None,
    instead_of: Secrets | None = None,
) -> None:
    """Keep what an account signs in with from now on, with a new name of its sessions where one is given. One
    transaction.

    `instead_of` is what was read before. Raises NoSuchStaff, or AccountChanged where something else stands
    there by now: of two requests with the same recovery code one is refused, and none undoes the other.
    Nothing is changed then.
    """
    values: dict[str, object] = {"secrets": _seal(store.keyring, "secrets", staff_id, _written(kept))}
    if uniquifier is not None:
        values["uniquifier"] = uniquifier
    with store.begin() as connection:
        held = _secrets(store.keyring, _row(connection, staff_id))
        if instead_of is not None and held != instead_of:
            raise AccountChanged("the account was changed meanwhile")
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def spend_code(store: Store, staff_id: str, step: int) -> Secrets:
    """Note that the code of this time step is used; what the account signs in with then. One transaction.

    Raises NoSuchStaff, or CodeSpent for a step that is not after the one used last: of two requests with the
    same code one is refused.
    """
    with store.begin() as connection:
        held = _secrets(store.keyring, _row(connection, staff_id))
        if step <= held.spent:
            raise CodeSpent("this code was used")
        kept = replace(held, spent=step)
        sealed = _seal(store.keyring, "secrets", staff_id, _written(kept))
        connection.execute(update(staff).where(staff.c.id == staff_id).values(secrets=sealed))
    return kept


def forget_second_factors(store: Store, staff_id: str) -> None:
    """Forget code, passkeys and recovery codes: the account sets up new ones after its password. One
    transaction. Raises NoSuchStaff.
    """
    with store.begin() as connection:
        row = _row(connection, staff_id)
        held = _secrets(store.keyring, row)
        kept = _seal(store.keyring, "secrets", staff_id, _written(replace(held, totp=None, recovery=())))
        connection.execute(delete(passkeys).where(passkeys.c.staff == staff_id))
        connection.execute(update(staff).where(staff.c.id == staff_id).values(secrets=kept))


def keep_passkey(store: Store, passkey: Passkey) -> None:
    """Keep a new credential. One transaction. Raises NoSuchStaff."""
    sealed = _sealed_passkey(store.keyring, passkey)
    with store.begin() as connection:
        _row(connection, passkey.staff)
        connection.execute(
            insert(passkeys).values(
                id=passkey.id, staff=passkey.staff, credential=passkey.credential, content=sealed
            )
        )


def passkey_used(store: Store, passkey: Passkey) -> None:
    """Keep what has changed by using a credential. One transaction. Raises AccountChanged for one that was
    removed meanwhile.
    """
    with store.begin() as connection:
        found = update(passkeys).where(passkeys.c.id == passkey.id)
        if connection.execute(found.values(content=_sealed_passkey(store.keyring, passkey))).rowcount != 1:
            raise AccountChanged("the passkey was removed meanwhile")


def forget_passkey(engine: Engine, passkey: str) -> None:
    """Forget a credential. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(passkeys).where(passkeys.c.id == passkey))


def reseal_accounts(store: Store) -> None:
    """Seal every account, passkey and token with the ring's newest key, one a transaction; may be killed and
    run again.
    """
    for table, columns in (
        (staff, ("profile", "secrets")),
        (passkeys, ("content",)),
        (api_tokens, ("name",)),
    ):
        with store.reading() as connection:
            ids = connection.scalars(select(table.c.id)).all()
        for each in ids:
            with store.begin() as connection:
                row = connection.execute(select(table).where(table.c.id == each)).one()
                values = {
                    column: store.keyring.seal(
                        table.name, column, each, store.keyring.open(table.name, column, each, sealed)
                    )
                    for column in columns
                    if key_number(sealed := getattr(row, column)) != store.keyring.current
                }
                if values:
                    connection.execute(update(table).where(table.c.id == each).values(**values))


def _find(store: Store, which: ColumnElement[bool]) -> Account | None:
    with store.reading() as connection:
        row = connection.execute(select(staff).where(which)).one_or_none()
        if row is None:
            return None
        held = [
            Grant(Role(each.role), each.unit)
            for each in connection.execute(select(grants).where(grants.c.staff == row.id))
        ]
        keys = connection.execute(
            select(passkeys).where(passkeys.c.staff == row.id).order_by(passkeys.c.id)
        ).all()
    return Account(
        _staff(store.keyring, row, held),
        _secrets(store.keyring, row),
        row.uniquifier,
        row.handle,
        tuple(_passkey(store.keyring, each) for each in keys),
    )


def _row(connection: Connection, staff_id: str) -> Row[Any]:
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
    if row is None:
        raise NoSuchStaff(staff_id)
    return row


def _grant(connection: Connection, staff_id: str, given: Collection[Grant]) -> None:
    rows = [{"staff": staff_id, "role": grant.role.value, "unit": grant.unit} for grant in sorted(set(given))]
    if rows:
        connection.execute(insert(grants), rows)


def _somebody_administers(connection: Connection) -> None:
    administers = (
        select(grants.c.staff)
        .join(staff, staff.c.id == grants.c.staff)
        .where(grants.c.role == Role.ADMINISTRATOR.value, grants.c.unit == EVERYWHERE, staff.c.active)
    )
    if connection.scalar(administers.limit(1)) is None:
        raise LastAdministrator("somebody must be able to give roles over the whole organisation")


def _staff(keyring: Keyring, row: Row[Any], held: Iterable[Grant]) -> Staff:
    profile = json.loads(keyring.open("staff", "profile", row.id, row.profile))
    return Staff(
        row.id, profile["name"], profile["email"], profile["person"], row.active, tuple(sorted(held))
    )


def _secrets(keyring: Keyring, row: Row[Any]) -> Secrets:
    held = json.loads(keyring.open("staff", "secrets", row.id, row.secrets))
    return Secrets(held["password"], held["totp"], tuple(held["recovery"]), held.get("spent", 0))


def _sealed_passkey(keyring: Keyring, passkey: Passkey) -> bytes:
    content = {
        name: getattr(passkey, name)
        for name in ("name", "sign_count", "transports", "backed_up", "device", "extensions", "used")
    }
    content["public_key"] = passkey.public_key.hex()
    content["used"] = instant_text(passkey.used)
    return keyring.seal("passkeys", "content", passkey.id, json.dumps(content).encode())


def _passkey(keyring: Keyring, row: Row[Any]) -> Passkey:
    content = json.loads(keyring.open("passkeys", "content", row.id, row.content))
    content["public_key"] = bytes.fromhex(content["public_key"])
    content["used"] = read_instant(content["used"])
    content["transports"] = tuple(content["transports"])
    return Passkey(id=row.id, staff=row.staff, credential=row.credential, **content)


def _profile(made: Staff) -> JsonObject:
    return {"name": made.name, "email": made.email, "person": made.person}


def _written(kept: Secrets) -> JsonObject:
    return {
        "password": kept.password,
        "totp": kept.totp,
        "recovery": list(kept.recovery),
        "spent": kept.spent,
    }


def _seal(keyring: Keyring, column: str, staff_id: str, value: JsonObject) -> bytes:
    return keyring.seal("staff", column, staff_id, json.dumps(value).encode())


def _index(keyring: Keyring, email: str) -> bytes:
    return keyring.blind_index("staff", "email", email.strip().casefold())
