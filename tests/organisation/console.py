"""The staff's site over an organisation, with the work in the background done when a test asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import STAFF, Services, create_staff_app
from surveys.accounts.roles import Grant, Role, Staff
from surveys.accounts.staff_log import Entry, StaffLog
from surveys.console.background import background_work
from surveys.console.organisation.upkeep import READ, WRITE
from surveys.instance.mailing_job import Outgoing
from surveys.jobs.queue import Jobs, Tell, Work
from surveys.names import PersonCode, UnitCode
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.values import Grade, Grading, Organisation, Person, Post, PostKind, Scope, Unit
from surveys.organisation.waiting import look
from surveys.settings import Settings
from surveys.spreadsheets.files import Sent
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisations import a_bloc
from tests.staff import Browser, StaffSite


@dataclass
class Console:
    """The site, its work in the background, and accounts by role and unit."""

    site: StaffSite
    jobs: Jobs
    works: Mapping[str, Work]
    log: StaffLog
    held: dict[tuple[Role, str], Staff] = field(default_factory=dict)

    def account(self, role: Role, unit: UnitCode) -> Staff:
        if (role, unit) not in self.held:
            name = f"{role.value}-{len(self.held)}"
            self.held[role, unit] = self.site.account(name, Grant(role, unit))
        return self.held[role, unit]

    def browser(self, unit: UnitCode, role: Role = Role.ORGANIZER) -> Browser:
        return self.site.browser(self.account(role, unit))

    def load(self) -> Organisation:
        return load_organisation(self.site.stores.app)

    def work(self, unit: UnitCode, role: Role = Role.ORGANIZER) -> None:
        """Do what the account's import waits for."""
        found = look(self.site.stores.app, self.account(role, unit).id, datetime.now(UTC))
        assert found is not None
        kind = {"received": READ, "confirmed": WRITE}[found.state.value]
        self.works[kind](found.id, Tell(self.jobs, kind, found.id))

    def send(self, unit: UnitCode, *sent: Sent, at: str | None = None) -> Any:
        """Send files on the unit's page. The body is made here: the test client would put a large one into a
        temporary file.
        """
        browser, address = self.browser(unit), f"/en/organisation/{at or unit}/upload"
        parts: list[tuple[str, str | None, bytes]] = [("csrf_token", None, browser.token(address).encode())]
        parts += [("files", each.name, each.content()) for each in sent]
        body = b"".join(
            b'--x\r\nContent-Disposition: form-data; name="'
            + field.encode()
            + (b'"' if name is None else f'"; filename="{name}"'.encode())
            + b"\r\n\r\n"
            + content
            + b"\r\n"
            for field, name, content in parts
        )
        return browser.client.post(
            address,
            base_url=f"http://localhost{STAFF}",
            data=body + b"--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )

    def shown(self, unit: UnitCode, at: str | None = None) -> str:
        """The id of the import that the unit's page asks to confirm."""
        page = self.browser(unit).get(f"/en/organisation/{at or unit}/upload").get_data(as_text=True)
        found = re.search(r'name="import" value="([0-9a-f]+)"', page)
        assert found
        return found[1]

    def confirm(self, unit: UnitCode, shown: str, reason: str = "QĐ 9", at: str | None = None) -> Any:
        """Confirm an import on the unit's page."""
        address = f"/en/organisation/{at or unit}/upload"
        form = {"import": shown, "reason": reason}
        return self.browser(unit).post(f"{address}/import", form, at=address)

    def entries(self) -> tuple[Entry, ...]:
        """What the log tells of the organisation, the newest first."""
        return tuple(
            entry for entry in self.log.entries() if entry.act.startswith(("organisation", "refused"))
        )


MARKUP = UnitCode("<b>Đ/1</b>&'\"")


def an_organisation() -> Organisation:
    """a_bloc with gradings, somebody of B1 who holds a post in A, and a unit whose code and name are
    markup.
    """
    bloc = a_bloc()
    return Organisation.of(
        [*bloc.units, Unit(MARKUP, UnitCode("B"), MARKUP, MARKUP, "cell")],
        [*bloc.people, Person(PersonCode(MARKUP), MARKUP, MARKUP, "a@example.org", True)],
        [
            *bloc.posts,
            Post(
                UnitCode("A"), PersonCode("B1-02"), "Phó Bí thư", PostKind.PARTY, False, False, Scope.SUBTREE
            ),
        ],
        [Grading(UnitCode("A"), 2025, Grade.GOOD), Grading(UnitCode("B"), 2025, Grade.EXCELLENT)],
        bloc.history,
    )


def console(folder: Path, organisation: Organisation | None) -> Console:
    """A site over new stores that hold this organisation."""
    stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    if organisation is not None:
        import_organisation(stores.app, organisation, confirmed=False)
    log, jobs = StaffLog(stores.app, lambda: datetime.now(UTC)), Jobs(folder / "jobs.sqlite")
    kinds = background_work(stores, log, Outgoing.of(Settings()))
    jobs.teach(kinds)
    app = create_staff_app(Services(Settings(), stores, jobs))
    return Console(StaffSite(app, stores), jobs, kinds, log)
