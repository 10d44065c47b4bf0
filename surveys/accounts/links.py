"""Personal links: a secret in a link lets its holder in for one purpose, until a moment (docs/protocol.md
§16).

An organizer's and a trustee's secret stands in the fragment, which browsers never send; a reader's in the
path, because the page that it opens has no script that could send it (docs/decisions/0024).

Danger: whoever has the link is taken for its holder. So it is long, kept as a digest only, ends at a moment,
and ends when another one is made for the same holder.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, delete, insert, select

from surveys.accounts.errors import LinkExpired, NoSuchLink
from surveys.accounts.models import links
from surveys.instants import Instant, instant, instant_text
from surveys.names import RoundId
from surveys.stores.engines import reading

TOKEN_BYTES = 32


class Purpose(StrEnum):
    """What a link is for."""

    OFFICE = "office"
    TRUSTEE = "trustee"
    READER = "reader"


def make_link(
    engine: Engine,
    round_id: RoundId,
    purpose: Purpose,
    holder: int,
    now: datetime,
    days: int,
    randbytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """A new token (base64url) for this holder, good for so many days; an earlier one ends. One transaction.
    `now` is in UTC.
    """
    token = randbytes(TOKEN_BYTES)
    which = (links.c.survey == round_id, links.c.purpose == purpose.value, links.c.holder == holder)
    with engine.begin() as connection:
        connection.execute(delete(links).where(*which))
        connection.execute(
            insert(links).values(
                survey=round_id,
                purpose=purpose.value,
                holder=holder,
                digest=_digest(token),
                expires=instant(now + timedelta(days=days)),
            )
        )
    return urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def holder_of(engine: Engine, round_id: RoundId, purpose: Purpose, token: str, now: datetime) -> int:
    """Whose token this is. Raises NoSuchLink or LinkExpired. Stores nothing."""
    found, holder = opened_by(engine, purpose, token, now)
    if found != round_id:
        raise NoSuchLink("this link does not let anybody in")
    return holder


def opened_by(engine: Engine, purpose: Purpose, token: str, now: datetime) -> tuple[RoundId, int]:
    """The survey that a token is for, and its holder. Raises NoSuchLink or LinkExpired. Stores nothing."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    with reading(engine) as connection:
        found = connection.execute(
            select(links.c.survey, links.c.holder, links.c.expires).where(
                links.c.purpose == purpose.value, links.c.digest == _digest(raw)
            )
        ).one_or_none()
    if found is None or len(raw) != TOKEN_BYTES:
        raise NoSuchLink("this link does not let anybody in")
    if found.expires < instant(now):
        raise LinkExpired(f"this link was good until {instant_text(found.expires)}")
    return RoundId(found.survey), int(found.holder)


def links_held(engine: Engine, round_id: RoundId, purpose: Purpose) -> Mapping[int, Instant]:
    """Holder → until when their link is good, maybe past."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(links.c.holder, links.c.expires).where(
                links.c.survey == round_id, links.c.purpose == purpose.value
            )
        ).all()
    return {int(row.holder): row.expires for row in rows}


def end_link(engine: Engine, round_id: RoundId, purpose: Purpose, holder: int) -> None:
    """End one holder's link. May be run again."""
    which = (links.c.survey == round_id, links.c.purpose == purpose.value, links.c.holder == holder)
    with engine.begin() as connection:
        connection.execute(delete(links).where(*which))


def end_links(engine: Engine, round_id: RoundId, purpose: Purpose) -> None:
    """End all links of this purpose. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(links).where(links.c.survey == round_id, links.c.purpose == purpose.value))


def _digest(token: bytes) -> bytes:
    # The token is 256 random bits: a plain hash hides it. The prefix keeps it apart from every other hash.
    return hashlib.sha256(b"tin-nhiem/link\x00" + token).digest()
