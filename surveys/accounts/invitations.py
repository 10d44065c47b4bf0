"""Invitations: a link lets somebody choose the password of the account that was made for them, once and until
a moment.

Danger: whoever has the link can choose the password; so it is long, kept as a digest only, good once, and a
newer one ends it. A second factor is set up right after the first sign-in.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from unicodedata import normalize

from sqlalchemy import Engine, delete, insert, select

from surveys.accounts.errors import NoSuchInvitation, NoSuchStaff
from surveys.accounts.keeping import Account, RandBytes, find_account, keep_secrets
from surveys.accounts.models import invitations, staff
from surveys.accounts.passwords import check_password
from surveys.instants import instant
from surveys.stores.store import Store

TOKEN_BYTES = 32
DAYS = 7


def invite(
    engine: Engine,
    staff_id: str,
    now: datetime,
    good: timedelta = timedelta(days=DAYS),
    randbytes: RandBytes = secrets.token_bytes,
) -> str:
    """A new token (base64url) with which the holder chooses a password; an earlier one ends. One transaction.
    `now` is in UTC.

    Raises NoSuchStaff for an account that is not there or not active.
    """
    token = randbytes(TOKEN_BYTES)
    with engine.begin() as connection:
        if connection.scalar(select(staff.c.id).where(staff.c.id == staff_id, staff.c.active)) is None:
            raise NoSuchStaff(staff_id)
        connection.execute(delete(invitations).where(invitations.c.staff == staff_id))
        expires = instant(now + good)
        connection.execute(insert(invitations).values(staff=staff_id, digest=_digest(token), expires=expires))
    return urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def invited(store: Store, token: str, now: datetime) -> Account:
    """Whose invitation this is. Stores nothing. Raises NoSuchInvitation."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    with store.reading() as connection:
        found = connection.execute(
            select(invitations.c.staff, invitations.c.expires).where(invitations.c.digest == _digest(raw))
        ).one_or_none()
    if found is None or len(raw) != TOKEN_BYTES or found.expires < instant(now):
        raise NoSuchInvitation("this invitation lets nobody in")
    return find_account(store, found.staff)


def accept(
    store: Store,
    token: str,
    password: str,
    now: datetime,
    hashed: Callable[[str], str],
    randbytes: RandBytes = secrets.token_bytes,
) -> Account:
    """Choose the password. Order: the password, the invitation, the account (its sessions end), the
    invitation ends; may be run again.

    `hashed` makes the Argon2id hash. Raises WeakPassword, NoSuchInvitation, or AccountChanged for the second
    of two at the same time; nothing is changed then.
    """
    account = invited(store, token, now)
    check_password(password, account.staff.name, account.staff.email)
    # As Flask-Security writes passwords before it compares them: the same signs typed on another keyboard are
    # the same password.
    kept = replace(account.secrets, password=hashed(normalize("NFKD", password)))
    keep_secrets(store, account.staff.id, kept, randbytes(32).hex(), instead_of=account.secrets)
    with store.begin() as connection:
        connection.execute(delete(invitations).where(invitations.c.staff == account.staff.id))
    return find_account(store, account.staff.id)


def _digest(token: bytes) -> bytes:
    # The token is 256 random bits: a plain hash hides it. The prefix keeps it apart from every other hash.
    return hashlib.sha256(b"tin-nhiem/invitation\x00" + token).digest()
