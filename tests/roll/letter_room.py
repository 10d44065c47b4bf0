"""A store with the letters of one round, to be sent through the test's mail server."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from surveys.instants import read_instant
from surveys.letters import mailings as letters
from surveys.letters.delivery import Delivery, delivery
from surveys.letters.letter import Kind, Letter
from surveys.letters.reminders import Addressee, write_reminder
from surveys.mail.smtp import Session
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.codes import units
from tests.mail.build import a_mailer
from tests.mail.server import PostOffice

SURVEY = RoundId("ab" * 16)
AT = read_instant("2026-11-02T01:00:00Z")
UNITS = units("C1", "C1", "C2", "C2", "C2")
SLIPS = [
    Letter(
        f"{n:02x}" * 32,
        PersonCode(f"v{n}"),
        f"Người {n}",
        f"Chi bộ {unit}",
        f"v{n}@example.vn",
        f"CODE-{n}",
        unit_code=unit,
    )
    for n, unit in enumerate(UNITS, 1)
]
TO = [Addressee(s.voter, s.name, s.unit, s.unit_code, s.email) for s in SLIPS[:2]]


class Room:
    """A store with the letters of one round."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))

    def fill(self, slips: Sequence[Letter] = SLIPS) -> Room:
        self.stores.engines.migrate_app()
        letters.write_letters(self.stores.app, SURVEY, slips)
        return self

    def copy(self, folder: Path) -> Room:
        shutil.copytree(self.folder, folder)
        return Room(folder)

    def send(self, office: PostOffice) -> None:
        with a_mailer(office).session() as session:
            self.send_in(session)

    def send_in(self, session: Session) -> None:
        letters.send(self.stores.app, SURVEY, session, self.write)

    @staticmethod
    def write(letter: Letter) -> tuple[str, str]:
        return "Thư mời", f"Mã: {letter.code}" if letter.kind is Kind.SLIP else "Xin nhắc"

    def numbers(self, units: tuple[UnitCode, ...] | None = None) -> Delivery:
        return delivery(self.stores.engines.app, SURVEY, units)

    def all(self) -> tuple[Letter, ...]:
        return letters.everything(self.stores.app, SURVEY)

    def of(self, voter: PersonCode) -> Letter:
        return letters.of_voter(self.stores.app, SURVEY, voter)

    def remind(self, number: int = 1) -> None:
        write_reminder(self.stores.app, SURVEY, number, UnitCode("C1"), AT, "Xin nhắc", TO)


def recipients(office: PostOffice) -> Counter[str]:
    return Counter(taken.recipient for taken in office.taken)
