"""Tokens: a secret with which a program reads results under some of an account's roles, until a moment
(docs/api.md).

Danger: whoever has a token reads what it reads. So it is 256 random bits, kept as a digest only, good for a
year at most, and worth never more than its account is at the moment of use: its rights are what both the
token and the account hold then.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select

from surveys.accounts.errors import NoSuchStaff, NoSuchToken, NotYours, TokenNotMade, TokenRefused
from surveys.accounts.keeping import RandBytes, find_account
from surveys.accounts.models import api_token_grants, api_tokens, grants, staff
from surveys.accounts.roles import Grant, Role, Staff, Tree, meet
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.instants import Instant, instant, instant_text
from surveys.stores.columns import Keyring
from surveys.stores.store import Store

# What programs that look for lost secrets know a token by.
PREFIX = "tnr_"
TOKEN_BYTES = 32
MOST_DAYS = 365
MOST_TOKENS = 20
READING = frozenset({Role.LEADER, Role.AUTHORITY, Role.AUDITOR})
"""The roles that read results: a token with another one reads nothing."""
_TABLE = "api_tokens"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its account sees it. `grants` is what it holds at most, `expires` when it ends."""

    id: str
    name: str
    grants: tuple[Grant, ...]
    expires: Instant


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of an instance. `tree` gives the units as they stand, `now` is in UTC."""

    store: Store
    log: StaffLog
    tree: Callable[[], Tree]
    now: Callable[[], datetime]

    def of(self, owner: Staff) -> tuple[Token, ...]:
        """The account's tokens by name, those over their time too. Reads only."""
        return tokens_of(self.store, owner.id)

    def make(self, owner: Staff, name: str, held: Collection[Grant], days: int) -> tuple[Token, str]:
        """A new token and its secret. The log first, then the store. Raises as `make_token`; only the log has
        grown then.
        """
        roles = ", ".join(f"{each.role.value} {each.unit}" for each in sorted(held))
        with self.log.acting(Actor.of(owner), Act.TOKEN_MADE, token=name, days=days, roles=roles):
            return make_token(self.store, owner.id, name, held, days, self.now())

    def end(self, owner: Staff, token_id: str) -> Token:
        """End a token of this account. Raises NoSuchToken; nothing has happened then."""
        found = next((each for each in self.of(owner) if each.id == token_id), None)
        if found is None:
            raise NoSuchToken("the account has no such token")
        with self.log.acting(Actor.of(owner), Act.TOKEN_ENDED, token=found.name):
            end_token(self.store.engine, owner.id, token_id)
        return found

    def bearer(self, secret: str) -> Staff:
        """Who comes with this token. Raises TokenRefused. Reads only."""
        return bearer_of(self.store, self.tree(), secret, self.now())


def make_token(
    store: Store,
    staff_id: str,
    name: str,
    held: Collection[Grant],
    days: int,
    now: datetime,
    randbytes: RandBytes = secrets.token_bytes,
) -> tuple[Token, str]:
    """A token of an account, good for 1 to MOST_DAYS days, with some of the roles that the account has; and
    its secret, which is kept nowhere.

    One transaction, in which tokens of the account that are over their time are forgotten. Checks in this
    order: days and roles (TokenNotMade), the account (NoSuchStaff, also for one that has ended), its roles
    (NotYours), how many tokens it has (TokenNotMade). Nothing is changed then.
    """
    if not 1 <= days <= MOST_DAYS:
        raise TokenNotMade(f"{days} is not 1 to {MOST_DAYS} days")
    if not held:
        raise TokenNotMade("a token without a role")
    raw = randbytes(TOKEN_BYTES)
    expires = instant(now + timedelta(days=days))
    made = Token(randbytes(16).hex(), name, tuple(sorted(set(held))), expires)
    with store.begin() as connection:
        if connection.scalar(select(staff.c.id).where(staff.c.id == staff_id, staff.c.active)) is None:
            raise NoSuchStaff(staff_id)
        has = {
            Grant(Role(row.role), row.unit)
            for row in connection.execute(select(grants).where(grants.c.staff == staff_id))
        }
        for grant in made.grants:
            if grant not in has:
                raise NotYours((grant.role.value,), grant.unit)
        over = select(api_tokens.c.id).where(
            api_tokens.c.staff == staff_id, api_tokens.c.expires < instant(now)
        )
        _forget(connection, connection.scalars(over).all())
        count = select(func.count()).select_from(api_tokens).where(api_tokens.c.staff == staff_id)
        if connection.scalar(count) == MOST_TOKENS:
            raise TokenNotMade(f"the account has {MOST_TOKENS} tokens")
        sealed = store.keyring.seal(_TABLE, "name", made.id, name.encode())
        connection.execute(
            insert(api_tokens).values(
                id=made.id, staff=staff_id, digest=_digest(raw), expires=expires, name=sealed
            )
        )
        connection.execute(
            insert(api_token_grants),
            [{"token": made.id, "role": each.role.value, "unit": each.unit} for each in made.grants],
        )
    return made, PREFIX + urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def tokens_of(store: Store, staff_id: str) -> tuple[Token, ...]:
    """The tokens of an account by name, those over their time too."""
    with store.reading() as connection:
        rows = connection.execute(select(api_tokens).where(api_tokens.c.staff == staff_id)).all()
        found = [
            Token(
                row.id,
                _name(store.keyring, row.id, row.name),
                _grants(connection, row.id),
                row.expires,
            )
            for row in rows
        ]
    return tuple(sorted(found, key=lambda each: (each.name, each.id)))


def end_token(engine: Engine, staff_id: str, token_id: str) -> None:
    """End a token of this account. One transaction; may be run again."""
    theirs = select(api_tokens.c.id).where(api_tokens.c.id == token_id, api_tokens.c.staff == staff_id)
    with engine.begin() as connection:
        _forget(connection, connection.scalars(theirs).all())


def bearer_of(store: Store, tree: Tree, secret: str, now: datetime) -> Staff:
    """The account of a token, with the roles that both hold now, maybe none. Stores nothing.

    Raises TokenRefused for what is no token, for one that was ended or is over its time, and where the
    account has ended.
    """
    raw = _raw(secret)
    with store.reading() as connection:
        found = connection.execute(
            select(api_tokens).where(api_tokens.c.digest == _digest(raw))
        ).one_or_none()
        held = () if found is None else _grants(connection, found.id)
    # The store finds by the digest, which tells nothing of the token; the comparison that lets in takes
    # always the same time.
    if found is None or not hmac.compare_digest(found.digest, _digest(raw)):
        raise TokenRefused("this token lets nobody in")
    if found.expires < instant(now):
        raise TokenRefused(f"this token was good until {instant_text(found.expires)}")
    owner = find_account(store, found.staff).staff
    if not owner.active:
        raise TokenRefused("the account of this token has ended")
    return replace(owner, grants=meet(held, owner.grants, tree))


def _forget(connection: Connection, ids: Collection[str]) -> None:
    connection.execute(delete(api_token_grants).where(api_token_grants.c.token.in_(ids)))
    connection.execute(delete(api_tokens).where(api_tokens.c.id.in_(ids)))


def _grants(connection: Connection, token_id: str) -> tuple[Grant, ...]:
    rows = connection.execute(select(api_token_grants).where(api_token_grants.c.token == token_id))
    return tuple(sorted(Grant(Role(row.role), row.unit) for row in rows))


def _name(keyring: Keyring, token_id: str, sealed: bytes) -> str:
    return keyring.open(_TABLE, "name", token_id, sealed).decode()


def _raw(secret: str) -> bytes:
    """The bytes of a token. Raises TokenRefused for a text that is none."""
    text = secret.removeprefix(PREFIX)
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    # One way of writing it only: what decodes to the same bytes is not the same token.
    if secret != PREFIX + urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") or len(raw) != TOKEN_BYTES:
        raise TokenRefused("this is no token")
    return raw


def _digest(raw: bytes) -> bytes:
    # The token is 256 random bits: a plain hash hides it. The prefix keeps it apart from every other hash.
    return hashlib.sha256(b"tin-nhiem/token\x00" + raw).digest()
