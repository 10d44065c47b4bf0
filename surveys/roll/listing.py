"""The roll is frozen: one row a voter, all columns preallocated (docs/protocol.md 6.3, 7.1, 9.4).

Rows are keyed by slip; the voter's code stands beside it sealed by the key ring, for a reprint before the
polls open and for nothing else. Danger: this is the one table that joins a voter and a slip. It must never
learn a ballot key or token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Connection, Engine, insert, select, update

from surveys.names import PersonCode
from surveys.protocol import signature
from surveys.protocol.issuance import panel_message
from surveys.protocol.roll_list import Replaced, Roll
from surveys.roll import models
from surveys.roll.errors import (
    EmptyPanel,
    ReferenceTooLong,
    RollFrozen,
    RollNotFrozen,
    SlipReplaced,
    SlipTwice,
    UnknownPanel,
    UnknownSlip,
    VoterTwice,
)
from surveys.roll.state import State
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading
from surveys.stores.store import Store

REFERENCE_BYTES = 302
BLINDED_BYTES = 256
SIGNATURE_BYTES = 64
ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter's panel (index) and code, as the organisation writes it."""

    panel: int
    code: PersonCode


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the roll: a voter and the public key of the slip (32 bytes)."""

    voter: Voter
    key: bytes


@dataclass(frozen=True, slots=True)
class SealedTokenKey:
    """A panel's token key: public half in DER, private half sealed for its row."""

    public: bytes
    private: bytes


def freeze_roll(store: Store, entries: Iterable[Entry], token_keys: Mapping[int, SealedTokenKey]) -> Roll:
    """Write the roll once and for all; returns it as it is published. `token_keys` come from
    `registrar.make_token_keys`.

    One transaction, so the roll is frozen or not. Panels are 0 … n − 1. Raises RollFrozen, EmptyPanel,
    UnknownPanel (a voter of a panel without token key), SlipTwice, VoterTwice or ReferenceTooLong; nothing is
    stored then.
    """
    rows = _rows(entries, token_keys)
    with store.begin() as connection:
        if connection.execute(select(models.panels.c.panel).limit(1)).first() is not None:
            raise RollFrozen("this roll is frozen already")
        for panel, members in enumerate(rows):
            connection.execute(
                insert(models.panels).values(
                    panel=panel,
                    voters=len(members),
                    token_key=token_keys[panel].public,
                    private_key=token_keys[panel].private,
                    present=bytes(4),
                    state=State.WAITING.value,
                )
            )
            for first in range(0, len(members), ROWS_A_STATEMENT):
                part = members[first : first + ROWS_A_STATEMENT]
                connection.execute(insert(models.slips), [_row(store.keyring, entry) for entry in part])
    return Roll(tuple(tuple(entry.key for entry in members) for members in rows))


def read_roll(engine: Engine) -> Roll:
    """The frozen roll as it is published, with what was replaced since (6.3, 6.4). Raises RollNotFrozen."""
    slip = models.slips.c
    replaced = []
    with reading(engine) as connection:
        lists: list[list[bytes]] = [[] for _ in token_keys_of(connection)]
        rows = connection.execute(
            select(slip.panel, slip.frozen, slip.slip).order_by(slip.panel, slip.frozen)
        )
        for panel, frozen, current in rows:
            lists[panel].append(frozen)
            if current != frozen:
                replaced.append(Replaced(panel, frozen, current))
    return Roll(tuple(tuple(keys) for keys in lists), tuple(replaced))


def public_token_keys(engine: Engine) -> tuple[bytes, ...]:
    """Each panel's public token key in DER, as it stands in the manifest (7.1). Raises RollNotFrozen."""
    with reading(engine) as connection:
        return token_keys_of(connection)


def token_keys_of(connection: Connection) -> tuple[bytes, ...]:
    """Each panel's public token key within a transaction. Raises RollNotFrozen."""
    panel = models.panels.c
    keys = tuple(connection.scalars(select(panel.token_key).order_by(panel.panel)))
    if not keys:
        raise RollNotFrozen("this roll is not frozen yet")
    return keys


def panel_of(engine: Engine, manifest_hash: bytes, slip: bytes, signed: bytes) -> int:
    """The panel of a slip, for whoever holds it (15.2). Raises BadSignature(check="15.2"), UnknownSlip or
    SlipReplaced.
    """
    signature.verify(slip, panel_message(manifest_hash, slip), signed, check="15.2", where="panel.signature")
    column, of = models.slips.c, models.panels.c
    # One look by its key in each panel: a look at every slip of the roll would hold up whoever waits.
    found = select(of.panel).where(
        of.panel
        == select(column.panel)
        .where(column.panel == of.panel, column.slip == slip)
        .correlate(models.panels)
        .scalar_subquery()
    )
    with reading(engine) as connection:
        panel: int | None = connection.scalar(found)
        if panel is None:
            refuse_unknown(connection, slip)
    assert panel is not None
    return panel


def refuse_unknown(connection: Connection, slip: bytes) -> NoReturn:
    """Why a slip is no current one. Raises SlipReplaced for a frozen slip that was replaced, else
    UnknownSlip.
    """
    column = models.slips.c
    if connection.scalar(select(column.panel).where(column.frozen == slip, column.slip != slip)) is not None:
        raise SlipReplaced("a newer slip has taken the place of this one")
    raise UnknownSlip("this slip is on no roll of this vote")


def voter_of(store: Store, panel: int, slip: bytes) -> Voter:
    """Whose slip this is: for a reprint before the polls open. Raises UnknownSlip or Unreadable."""
    column = models.slips.c
    with store.engine.connect() as connection:
        sealed = connection.scalar(select(column.voter).where(column.panel == panel, column.slip == slip))
    if sealed is None:
        raise UnknownSlip("this slip is not on this panel's roll")
    return Voter(panel, unsealed_voter(store.keyring, slip, sealed))


def unsealed_voter(keyring: Keyring, slip: bytes, sealed: bytes) -> PersonCode:
    """The voter's code in the row of a slip. Raises Unreadable."""
    return PersonCode(_unpad(keyring.open("slips", "voter", slip.hex(), sealed)))


def seal_voter(keyring: Keyring, entry: Entry) -> bytes:
    """A voter's code, sealed for the row of this slip."""
    return keyring.seal("slips", "voter", entry.key.hex(), _pad(entry.voter.code))


def reseal_roll(store: Store) -> None:
    """Seal every voter's code and every private token key with the ring's newest key.

    Same widths, in place; a panel at a time, each one transaction, so it can be killed and run again: what is
    sealed with the newest key already is left alone. Raises Unreadable.
    """
    with store.engine.connect() as connection:
        numbers = range(len(token_keys_of(connection)))
    for panel in numbers:
        with store.begin() as connection:
            _reseal_panel(connection, store.keyring, panel)


def _reseal_panel(connection: Connection, keyring: Keyring, panel: int) -> None:
    column, slip = models.panels.c, models.slips.c
    sealed: bytes = connection.execute(select(column.private_key).where(column.panel == panel)).scalar_one()
    if any(sealed) and key_number(sealed) != keyring.current:
        place = ("panels", "private_key", str(panel))
        again = keyring.seal(*place, keyring.open(*place, sealed))
        connection.execute(update(models.panels).where(column.panel == panel).values(private_key=again))
    for key, voter in connection.execute(select(slip.slip, slip.voter).where(slip.panel == panel)).all():
        if key_number(voter) != keyring.current:
            at = ("slips", "voter", key.hex())
            connection.execute(
                update(models.slips)
                .where(slip.panel == panel, slip.slip == key)
                .values(voter=keyring.seal(*at, keyring.open(*at, voter)))
            )


def _rows(entries: Iterable[Entry], token_keys: Mapping[int, SealedTokenKey]) -> list[list[Entry]]:
    """The lines by panel, sorted by key: the order of the import stands nowhere."""
    panels: list[list[Entry]] = [[] for _ in range(len(token_keys))]
    keys: set[bytes] = set()
    voters: set[str] = set()
    for entry in entries:
        if not 0 <= entry.voter.panel < len(panels) or entry.voter.panel not in token_keys:
            raise UnknownPanel(entry.voter.panel)
        if entry.key in keys:
            raise SlipTwice("a slip key occurs twice")
        if entry.voter.code in voters:
            raise VoterTwice("a voter occurs twice")
        if len(entry.voter.code.encode()) > REFERENCE_BYTES:
            raise ReferenceTooLong(f"a voter's code has at most {REFERENCE_BYTES} bytes")
        keys.add(entry.key)
        voters.add(entry.voter.code)
        panels[entry.voter.panel].append(entry)
    for panel, members in enumerate(panels):
        if not members:
            raise EmptyPanel(panel)
        members.sort(key=lambda entry: entry.key)
    return panels


def _row(keyring: Keyring, entry: Entry) -> dict[str, object]:
    return {
        "panel": entry.voter.panel,
        "slip": entry.key,
        "frozen": entry.key,
        "voter": seal_voter(keyring, entry),
        "blinded": bytes(BLINDED_BYTES),
        "signature": bytes(SIGNATURE_BYTES),
    }


def _pad(code: str) -> bytes:
    """One width for all: the length of a sealed code would tell which voter it is."""
    raw = code.encode()
    return len(raw).to_bytes(2, "big") + raw.ljust(REFERENCE_BYTES, b"\x00")


def _unpad(padded: bytes) -> str:
    return padded[2 : 2 + int.from_bytes(padded[:2], "big")].decode()
