"""The registrar issues ballot papers: a slip's blinded message is signed, once (docs/protocol.md §7).

It sees which slip asks and never what it signs: the message is blinded, unconditionally. Danger: signing two
different messages for one slip gives somebody two votes, so the row is written and committed before an answer
leaves; and a private token key that outlives the close can stuff an unsealed box.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, Engine, select, update

from surveys.protocol.errors import Duplicate, Malformed
from surveys.protocol.issuance import Issuance, IssueRequest, check_request
from surveys.protocol.secret.sign_token import TokenKey, blind_sign, load_token_key, make_token_key
from surveys.roll import attendance, models
from surveys.roll.attendance import NOT_ASKED
from surveys.roll.errors import (
    AllPapersIssued,
    ForeignTokenKey,
    IssuingClosed,
    IssuingNotOpen,
    SecondBlindedMessage,
    TokenKeysDestroyed,
    UnknownPanel,
)
from surveys.roll.listing import SealedTokenKey, refuse_unknown, token_keys_of
from surveys.roll.state import State
from surveys.stores.columns import Keyring
from surveys.stores.engines import reading
from surveys.stores.postgres import rewrite
from surveys.stores.store import Store

RandomBytes = Callable[[int], bytes]
PRIVATE_KEY_BYTES = 1280
MAX_PANEL = 2**32 - 1


def make_token_keys(keyring: Keyring, panels: int) -> Iterator[tuple[int, SealedTokenKey]]:
    """A fresh token key for each panel, one after the other, for `listing.freeze_roll`. Stores nothing."""
    for panel in range(panels):
        yield panel, make_panel_key(keyring, panel)


def make_panel_key(keyring: Keyring, panel: int) -> SealedTokenKey:
    """A fresh token key for one panel; takes some hundredths of a second. Stores nothing."""
    key = make_token_key()
    private = key.private_der()
    padded = len(private).to_bytes(2, "big") + private.ljust(PRIVATE_KEY_BYTES - 2, b"\x00")
    return SealedTokenKey(key.public_der(), keyring.seal(*_place(panel), padded))


class TokenKeys:
    """The private token keys of one roll, each opened once and kept in memory until `forget`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[int, TokenKey] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "TokenKeys(…)"

    def key(self, panel: int) -> TokenKey:
        """A panel's key. Raises UnknownPanel, TokenKeysDestroyed, ForeignTokenKey or Unreadable."""
        with self._lock:
            if panel not in self._keys:
                self._keys[panel] = self._load(panel)
            return self._keys[panel]

    def forget(self) -> None:
        """Drop what is in memory; called when the keys are destroyed."""
        with self._lock:
            self._keys.clear()

    def _load(self, panel: int) -> TokenKey:
        column = models.panels.c
        with self._store.engine.connect() as connection:
            row = connection.execute(
                select(column.token_key, column.private_key).where(column.panel == panel)
            ).one_or_none()
        if row is None:
            raise UnknownPanel(panel)
        if not any(row.private_key):
            raise TokenKeysDestroyed("the token keys have been destroyed")
        padded = self._store.keyring.open(*_place(panel), row.private_key)
        key = load_token_key(padded[2 : 2 + int.from_bytes(padded[:2], "big")])
        if key.public_der() != row.token_key:
            raise ForeignTokenKey(f"the private key of panel {panel} is not that of the frozen roll")
        return key


def issue_token(
    engine: Engine,
    keys: TokenKeys,
    manifest_hash: bytes,
    request: IssueRequest,
    randbytes: RandomBytes = secrets.token_bytes,
) -> bytes:
    """The blind signature for a slip's request (7.3), 256 bytes.

    Checks, in this order: papers are being issued in this panel; the slip is on its roll; the slip's
    signature (7.2); no other blinded message; a paper is left for those present. The signature is computed
    outside any transaction; then one write transaction checks again, for others may have come meanwhile,
    stores blinded message and signature in the slip's row and commits; then the answer leaves. The same
    request again gets the same answer and writes nothing.

    Raises UnknownPanel, IssuingNotOpen, IssuingClosed, UnknownSlip, SlipReplaced, Rejected (7.2, 7.3),
    SecondBlindedMessage or AllPapersIssued; nothing is stored then.
    """
    with reading(engine) as connection:
        stored = admit(connection, request)
    answer = sign(keys, manifest_hash, request, stored, randbytes)
    with engine.begin() as connection:
        found = attendance.hold(connection, request.panel)
        if compare(admit(connection, request), request):
            return answer
        check_that_it_is_new(connection, request)
        check_that_one_is_left(found.issued, found.present)
        enter(connection, request)
    return answer


def sign(
    keys: TokenKeys, manifest_hash: bytes, request: IssueRequest, stored: bytes, randbytes: RandomBytes
) -> bytes:
    """The slip's signature (7.2), no other blinded message than what is `stored`, and then the answer, which
    may not leave before the row is committed. Raises Rejected or SecondBlindedMessage.
    """
    check_request(request, manifest_hash)
    compare(stored, request)
    if request.blinded == NOT_ASKED:
        raise Malformed(check="7.3", where="request.blinded", why="zero")
    return blind_sign(keys.key(request.panel), request.blinded, randbytes)


def check_that_it_is_new(connection: Connection, request: IssueRequest) -> None:
    """No other slip of the panel asked with this message. Raises Duplicate."""
    slip = models.slips.c
    same = select(slip.slip).where(slip.panel == request.panel, slip.blinded == request.blinded)
    if connection.execute(same.limit(1)).first() is not None:
        raise Duplicate(check="7.3", where="request.blinded", why="another slip asked with this message")


def check_that_one_is_left(issued: int, present: int) -> None:
    """Raises AllPapersIssued."""
    if issued >= present:
        raise AllPapersIssued("as many papers are issued as people are present")


def present(connection: Connection, panel: int) -> int:
    """How many are present in a panel that is there."""
    column = models.panels.c
    return int.from_bytes(
        connection.execute(select(column.present).where(column.panel == panel)).scalar_one(), "big"
    )


def enter(connection: Connection, request: IssueRequest) -> None:
    """Write blinded message and signature into the slip's row."""
    slip = models.slips.c
    connection.execute(
        update(models.slips)
        .where(slip.panel == request.panel, slip.slip == request.slip)
        .values(blinded=request.blinded, signature=request.signature)
    )


def destroy_token_keys(engine: Engine) -> None:
    """Close issuing and overwrite every private token key where it stands; repeating it changes nothing.

    Only processes that still hold a `TokenKeys` can sign afterwards, and `issue_token` refuses them.
    """
    attendance.close_issuing(engine)
    column = models.panels.c
    with engine.begin() as connection:
        rows = connection.execute(
            select(column.panel, column.private_key).where(column.state != State.DESTROYED.value)
        ).all()
        for panel, sealed in rows:
            connection.execute(
                update(models.panels)
                .where(column.panel == panel)
                .values(private_key=bytes(len(sealed)), state=State.DESTROYED.value)
            )
        if rows and engine.dialect.name == "postgresql":
            # What was overwritten is still there as an old version of its row, and so is the order of asking.
            rewrite(connection, {table: select(table) for table in (models.panels, models.slips)})


def requests_by_panel(engine: Engine) -> Iterator[tuple[IssueRequest, ...]]:
    """Every request that got a paper, panel by panel, sorted by slip (7.5). Raises RollNotFrozen."""
    slip = models.slips.c
    with engine.connect() as connection:
        panels = len(token_keys_of(connection))
    asked = select(slip.panel, slip.slip, slip.blinded, slip.signature).where(slip.blinded != NOT_ASKED)
    for panel in range(panels):
        with reading(engine) as connection:
            rows = connection.execute(asked.where(slip.panel == panel)).all()
        yield tuple(sorted((IssueRequest(*row) for row in rows), key=lambda each: each.slip))


def issuance_records(engine: Engine) -> Issuance:
    """All of them. Raises RollNotFrozen."""
    return Issuance(tuple(requests_by_panel(engine)))


def admit(connection: Connection, request: IssueRequest) -> bytes:
    """7.3, first two checks; the blinded message in the slip's row, zero if it has not asked."""
    column, slip = models.panels.c, models.slips.c
    if not 0 <= request.panel <= MAX_PANEL:
        raise UnknownPanel(request.panel)
    state = connection.scalar(select(column.state).where(column.panel == request.panel))
    if state is None:
        raise UnknownPanel(request.panel)
    if State(state) is State.WAITING:
        raise IssuingNotOpen("no paper is issued in this panel yet")
    if State(state) is not State.ISSUING:
        raise IssuingClosed("no more papers are issued in this panel")
    stored: bytes | None = connection.scalar(
        select(slip.blinded).where(slip.panel == request.panel, slip.slip == request.slip)
    )
    if stored is None:
        refuse_unknown(connection, request.slip)
    return stored


def compare(stored: bytes, request: IssueRequest) -> bool:
    """7.3, last check: True if this very message was signed before. Raises SecondBlindedMessage."""
    if stored not in (NOT_ASKED, request.blinded):
        raise SecondBlindedMessage("this slip has asked with another blinded message")
    return stored == request.blinded


def _place(panel: int) -> tuple[str, str, str]:
    return ("panels", "private_key", str(panel))
