"""Tokens of programs: good until they end, never worth more than their account, made and ended by nobody
else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, update

from surveys.accounts import keeping as register
from surveys.accounts.errors import NoSuchStaff, NoSuchToken, NotYours, TokenNotMade, TokenRefused
from surveys.accounts.models import api_tokens, metadata
from surveys.accounts.models import staff as accounts
from surveys.accounts.roles import EVERYWHERE, Grant, Role, Staff, Tree, covers, meet
from surveys.accounts.staff_log import Act, StaffLog
from surveys.accounts.tokens import MOST_DAYS, MOST_TOKENS, PREFIX, Tokens, make_token
from surveys.names import UnitCode
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores

TREE: Tree = {
    UnitCode("K"): None,
    UnitCode("A"): UnitCode("K"),
    UnitCode("A1"): UnitCode("A"),
    UnitCode("B"): UnitCode("K"),
}
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
AUTHORITY, AUDITOR = Role.AUTHORITY, Role.AUDITOR


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[Tokens]:
    stores = Stores(Engines(tmp_path / "stores"), Keyring.load_or_create(tmp_path / "keyring.json"))
    stores.engines.migrate_app()
    log = StaffLog(stores.app, lambda: NOW)
    root = Grant(Role.ADMINISTRATOR, EVERYWHERE)
    register.add_account(stores.app, name="root", email="root@example.org", given=(root,))
    yield Tokens(stores.app, log, lambda: TREE, lambda: NOW)
    stores.close()


def account(tokens: Tokens, name: str, *grants: Grant) -> Staff:
    return register.add_account(tokens.store, name=name, email=f"{name}@example.org", given=grants)


def at(tokens: Tokens, moment: datetime) -> Tokens:
    return replace(tokens, now=lambda: moment)


def test_a_token_is_its_accounts_with_what_it_holds_and_no_more(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUTHORITY, UnitCode("A")), Grant(AUDITOR, UnitCode("B")))
    made, secret = tokens.make(owner, "Báo cáo", [Grant(AUDITOR, UnitCode("B"))], 30)
    assert (made.name, made.grants, made.expires) == (
        "Báo cáo",
        (Grant(AUDITOR, UnitCode("B")),),
        NOW + timedelta(days=30),
    )
    assert secret.startswith(PREFIX)
    assert tokens.bearer(secret) == replace(owner, grants=(Grant(AUDITOR, UnitCode("B")),))
    assert tokens.of(owner) == (made,)


@pytest.mark.parametrize(
    "secret", ["", "x", PREFIX, PREFIX + "é", PREFIX + "A" * 43, PREFIX + "A" * 44, "=" * 44]
)
def test_what_is_no_token_lets_nobody_in(tokens: Tokens, secret: str) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    tokens.make(owner, "t", owner.grants, 1)
    with pytest.raises(TokenRefused):
        tokens.bearer(secret)


def test_a_token_has_one_way_of_being_written(tokens: Tokens) -> None:
    """The last of 43 letters holds two bits that say nothing: a decoder that is not strict takes four of them
    for one.
    """
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    _, secret = tokens.make(owner, "t", owner.grants, 1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = secret[:-1] + alphabet[alphabet.index(secret[-1]) ^ 1]
    for other in (twin, secret + "=", secret.removeprefix(PREFIX), secret + " ", secret.upper()):
        with pytest.raises(TokenRefused):
            tokens.bearer(other)


def test_a_token_ends_with_its_time_and_when_its_account_ends_it(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    made, secret = tokens.make(owner, "t", owner.grants, 2)
    assert at(tokens, NOW + timedelta(days=2)).bearer(secret).id == owner.id
    with pytest.raises(TokenRefused):
        at(tokens, NOW + timedelta(days=2, seconds=1)).bearer(secret)
    tokens.end(owner, made.id)
    with pytest.raises(TokenRefused):
        tokens.bearer(secret)
    with pytest.raises(NoSuchToken):
        tokens.end(owner, made.id)


def test_nobody_sees_or_ends_the_token_of_another(tokens: Tokens) -> None:
    owner, other = (account(tokens, name, Grant(AUDITOR, EVERYWHERE)) for name in ("an", "be"))
    made, secret = tokens.make(owner, "t", owner.grants, 2)
    assert tokens.of(other) == ()
    before = tokens.log.head()
    with pytest.raises(NoSuchToken):
        tokens.end(other, made.id)
    assert tokens.log.head() == before
    assert tokens.bearer(secret).id == owner.id


def test_a_role_that_is_taken_away_is_gone_for_the_token_at_once_and_a_new_one_is_not_given(
    tokens: Tokens,
) -> None:
    owner = account(tokens, "an", Grant(AUTHORITY, UnitCode("K")), Grant(AUDITOR, UnitCode("B")))
    _, secret = tokens.make(owner, "t", owner.grants, 2)

    def left(*grants: Grant) -> tuple[Grant, ...]:
        register.change_grants(tokens.store, owner.id, grants)
        return tokens.bearer(secret).grants

    assert left(Grant(AUTHORITY, UnitCode("K"))) == (Grant(AUTHORITY, UnitCode("K")),)
    # Narrower now: the token follows. Wider now: the token stays as it was made.
    assert left(Grant(AUTHORITY, UnitCode("A"))) == (Grant(AUTHORITY, UnitCode("A")),)
    assert left(Grant(AUTHORITY, EVERYWHERE)) == (Grant(AUTHORITY, UnitCode("K")),)
    assert left(Grant(AUDITOR, UnitCode("K")), Grant(Role.LEADER, UnitCode("A"))) == (
        Grant(AUDITOR, UnitCode("B")),
    )
    assert left(Grant(Role.ORGANIZER, UnitCode("K"))) == ()
    assert left() == ()


def test_an_account_that_ends_takes_its_tokens_with_it_and_they_do_not_come_back(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    _, secret = tokens.make(owner, "t", owner.grants, 2)
    register.set_active(tokens.store.engine, owner.id, False)
    with pytest.raises(TokenRefused):
        tokens.bearer(secret)
    register.set_active(tokens.store.engine, owner.id, True)
    with pytest.raises(TokenRefused):
        tokens.bearer(secret)
    assert tokens.of(owner) == ()


def test_a_token_that_outlived_its_account_would_still_let_nobody_in(tokens: Tokens) -> None:
    """Were the tokens forgotten to be ended, the account itself is looked at; without that look they would
    let in.
    """
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    _, secret = tokens.make(owner, "t", owner.grants, 2)
    with tokens.store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.id == owner.id).values(active=False))
    with pytest.raises(TokenRefused, match="account"):
        tokens.bearer(secret)
    with tokens.store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.id == owner.id).values(active=True))
    assert tokens.bearer(secret).id == owner.id


def test_a_token_holds_only_what_its_account_has_when_it_is_made(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUTHORITY, UnitCode("A")))
    for held in (
        [Grant(AUTHORITY, UnitCode("K"))],
        [Grant(AUTHORITY, UnitCode("A1"))],
        [Grant(AUDITOR, UnitCode("A"))],
    ):
        with pytest.raises(NotYours):
            tokens.make(owner, "t", held, 2)
    with pytest.raises(TokenNotMade):
        tokens.make(owner, "t", [], 2)
    for days in (0, -1, MOST_DAYS + 1):
        with pytest.raises(TokenNotMade):
            tokens.make(owner, "t", owner.grants, days)
    register.set_active(tokens.store.engine, owner.id, False)
    with pytest.raises(NoSuchStaff):
        tokens.make(owner, "t", owner.grants, 2)
    assert tokens.of(owner) == ()


def test_an_account_has_so_many_tokens_and_those_over_their_time_do_not_count(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    for number in range(MOST_TOKENS):
        tokens.make(owner, f"t{number}", owner.grants, 1 if number < 3 else 9)
    with pytest.raises(TokenNotMade):
        tokens.make(owner, "more", owner.grants, 1)
    later = at(tokens, NOW + timedelta(days=2))
    assert len(later.of(owner)) == MOST_TOKENS
    later.make(owner, "more", owner.grants, 1)
    assert len(later.of(owner)) == MOST_TOKENS - 2


def test_making_and_ending_stand_in_the_staff_log_and_no_token_does(tokens: Tokens) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    made, secret = tokens.make(owner, "Báo cáo", owner.grants, 7)
    tokens.end(owner, made.id)
    with pytest.raises(NotYours):
        tokens.make(owner, "x", [Grant(AUDITOR, UnitCode("K"))], 7)
    entries = list(reversed(tokens.log.entries()))
    assert [each.act for each in entries] == [Act.TOKEN_MADE, Act.TOKEN_ENDED, Act.TOKEN_MADE, Act.REFUSED]
    assert entries[0].facts == {"token": "Báo cáo", "days": 7, "roles": "auditor B"}
    assert secret.removeprefix(PREFIX) not in str(entries)


def test_the_store_holds_neither_token_nor_name(tokens: Tokens, tmp_path: Path) -> None:
    owner = account(tokens, "an", Grant(AUDITOR, UnitCode("B")))
    _, secret = make_token(
        tokens.store,
        owner.id,
        "Báo cáo",
        owner.grants,
        2,
        NOW,
        lambda n: b"\x07" * n,
    )
    assert tokens.bearer(secret).id == owner.id
    held = b"".join(path.read_bytes() for path in (tmp_path / "stores").iterdir())
    for known in (secret.encode(), secret.removeprefix(PREFIX).encode(), b"\x07" * 32, "Báo cáo".encode()):
        assert known not in held
    with tokens.store.engine.connect() as connection:
        (row,) = connection.execute(select(api_tokens)).all()
    assert isinstance(metadata.tables["api_tokens"].c.name.type, LargeBinary)
    assert len(row.digest) == 32


def test_what_two_grants_give_together_is_what_each_of_them_covers() -> None:
    """Held against the meaning, unit by unit, for every pair of sets of grants over a small tree."""
    places = (EVERYWHERE, *TREE)
    for held, other in itertools.product(places, repeat=2):
        together = meet(
            [Grant(AUDITOR, held)], [Grant(AUDITOR, other), Grant(AUTHORITY, UnitCode("K"))], TREE
        )
        for unit in TREE:
            both = covers(TREE, held, unit) and covers(TREE, other, unit)
            assert any(covers(TREE, grant.unit, unit) for grant in together) is both, (held, other, unit)
        assert all(grant.role is AUDITOR for grant in together)
