"""A personal link lets its holder in, for one purpose, until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from surveys.accounts.errors import LinkExpired, NoSuchLink
from surveys.accounts.links import Purpose, end_links, holder_of, make_link
from surveys.names import RoundId
from surveys.stores.engines import Engines

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
A, B = RoundId("ab" * 16), RoundId("cd" * 16)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Engine]:
    engines = Engines(tmp_path)
    engines.migrate_app()
    yield engines.app
    engines.close()


def test_a_link_is_its_holders_for_one_survey_and_one_purpose(app: Engine) -> None:
    tokens = {i: make_link(app, A, Purpose.TRUSTEE, i, NOW, 14) for i in (1, 2, 3)}
    for i, token in tokens.items():
        assert holder_of(app, A, Purpose.TRUSTEE, token, NOW) == i
        for round_id, purpose in ((B, Purpose.TRUSTEE), (A, Purpose.OFFICE)):
            with pytest.raises(NoSuchLink):
                holder_of(app, round_id, purpose, token, NOW)


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43, "A" * 42, "=" * 44])
def test_what_is_no_token_lets_nobody_in(app: Engine, token: str) -> None:
    make_link(app, A, Purpose.TRUSTEE, 1, NOW, 14)
    with pytest.raises(NoSuchLink):
        holder_of(app, A, Purpose.TRUSTEE, token, NOW)


def test_a_link_ends_with_its_time_with_a_newer_one_and_when_told(app: Engine) -> None:
    first = make_link(app, A, Purpose.TRUSTEE, 1, NOW, 2)
    assert holder_of(app, A, Purpose.TRUSTEE, first, NOW + timedelta(days=2)) == 1
    with pytest.raises(LinkExpired):
        holder_of(app, A, Purpose.TRUSTEE, first, NOW + timedelta(days=2, seconds=1))
    second = make_link(app, A, Purpose.TRUSTEE, 1, NOW, 2)
    with pytest.raises(NoSuchLink):
        holder_of(app, A, Purpose.TRUSTEE, first, NOW)
    assert holder_of(app, A, Purpose.TRUSTEE, second, NOW) == 1
    end_links(app, A, Purpose.TRUSTEE)
    with pytest.raises(NoSuchLink):
        holder_of(app, A, Purpose.TRUSTEE, second, NOW)


def test_the_store_does_not_hold_the_token(app: Engine, tmp_path: Path) -> None:
    token = make_link(app, A, Purpose.OFFICE, 0, NOW, 2, randbytes=lambda n: b"\x07" * n)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert token.encode() not in held
    assert b"\x07" * 32 not in held
