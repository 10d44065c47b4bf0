"""The site: stores, doors and headers, put together. Wiring only.

Seven applications, one an audience: public pages, voters (/b), holders of links (/k, /o, /read), programs with a token (/api) and
staff (/s). Only the staff's has a secret key and a cookie, for its own path: nobody who votes or reads public pages gets one.
Danger: a door that is hung without headers would be an open one; applications are made here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from surveys.accounts.datastore import StaffDatastore
from surveys.accounts.pages import invited as invited_pages
from surveys.accounts.pages import log as log_pages
from surveys.accounts.pages import staff as account_pages
from surveys.accounts.pages.door import furnish
from surveys.accounts.pages.signing_in import sign_in
from surveys.accounts.pages.token_door import Pace, answer_programs
from surveys.accounts.staff_log import StaffLog
from surveys.accounts.tokens import Tokens
from surveys.box.open_box import OpenBox
from surveys.box.pages import voter as voter_box
from surveys.committee.desk import Desk
from surveys.committee.pages import trustee as committee_trustee
from surveys.committee.pages.trustee import MOST_BYTES as TRUSTEE_BYTES
from surveys.jobs.queue import Jobs
from surveys.organisation.pages import staff as organisation_pages
from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.results.archive import Papers
from surveys.results.boards import Boards
from surveys.results.pages import api as results_api
from surveys.results.pages import public as results_public
from surveys.results.pages import public_board, reading, staff_papers
from surveys.results.pages import staff as results_staff
from surveys.results.reading import ReadingLinks
from surveys.results.shelf import PublicShelf, StaffShelf
from surveys.roll.desk import Desk as RegistrarsDesk
from surveys.roll.office import Office
from surveys.roll.pages import office as roll_office
from surveys.roll.pages import voter as voter_roll
from surveys.roll.pages.office import MOST_BYTES as OFFICE_BYTES
from surveys.settings import Settings
from surveys.stages import serving
from surveys.stages.archive import InstanceArchive
from surveys.stages.boards import InstanceBoards
from surveys.stages.clock import Beat, Clock, seldom
from surveys.stages.committee_desk import InstanceDesk
from surveys.stages.counting_work import COUNT, CountingWork
from surveys.stages.desks import desks_of
from surveys.stages.land import InstanceLand
from surveys.stages.mailing import Outgoing
from surveys.stages.office import InstanceOffice
from surveys.stages.pages import staff as desk_pages
from surveys.stages.works import works
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.exhibits import Exhibits
from surveys.web.clients import built_clients
from surveys.web.doors import Discreet, hang
from surveys.web.headers import protect
from surveys.web.languages import speak
from surveys.web.serving import make_server
from surveys.web.wire import Wire, wired

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HERE = Path(__file__).resolve().parent
STAFF = "/s"


def create_app(settings: Settings, stores: Stores, keyring: Keyring, boards: Boards | None = None) -> Flask:
    """The application over these stores. It opens no store by itself and writes nothing."""
    app = Discreet("tin-nhiem", root_path=str(HERE), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https)
    speak(app, HERE / "translations")
    shelf = PublicShelf(stores.app, keyring)
    sealed = boards or InstanceBoards(stores, keyring, settings.bundles)
    hang(app, results_public.door(shelf), public_board.door(sealed))
    app.jinja_env.globals.update(source_url=settings.source_url, clients=built_clients())
    return app


def create_staff_app(
    settings: Settings, stores: Stores, keyring: Keyring, jobs: Jobs, shelf: StaffShelf | None = None
) -> Flask:
    """The staff's application, with accounts and sessions: mounted at /s, which its cookie is for, and nowhere else."""
    app = Discreet(
        "tin-nhiem-staff", root_path=str(HERE), template_folder="templates", static_folder="static"
    )
    desks = desks_of(
        stores, keyring, jobs, built_clients(), settings.exhibits, _utc_now, Outgoing.of(settings)
    )
    read_from = shelf or StaffShelf(stores.app, keyring)
    papers = Papers(read_from, InstanceArchive(stores, keyring, settings.bundles), desks.log)
    links = ReadingLinks(stores.app, read_from, desks.log, desks.land.parents, _utc_now)
    protect(app, hosts=settings.hosts, https=settings.https)
    speak(app, HERE / "translations")
    hang(
        app,
        desk_pages.door(desks),
        desk_pages.rounds_door(desks),
        organisation_pages.door(desks.organisation, desks.land),
        account_pages.own_door(desks.administration, desks.tokens, desks.land),
        account_pages.people_door(desks.administration, desks.land),
        log_pages.door(desks.log, desks.land),
        invited_pages.door(desks.administration),
        results_staff.door(read_from, desks.land),
        staff_papers.door(papers, desks.land),
        reading.links_door(links, desks.land),
        refusal="accounts/refusal.html",
    )
    accounts = StaffDatastore(stores.app, keyring, desks.log)
    sign_in(app, accounts, keyring, desks.log, https=settings.https, mount=STAFF)
    furnish(app, desks.land)
    app.jinja_env.globals["clients"] = built_clients()
    return app


def create_api_app(
    settings: Settings,
    stores: Stores,
    keyring: Keyring,
    shelf: StaffShelf | None = None,
    pace: Pace = Pace(),  # noqa: B008  (frozen)
) -> Flask:
    """Published results for programs with a token: mounted at /api. It can set no cookie and writes nothing."""
    app = Discreet("tin-nhiem-api", root_path=str(HERE), static_folder=None)
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    land, log = InstanceLand(stores), StaffLog(stores.app, keyring, _utc_now)
    tokens = Tokens(stores.app, keyring, log, land.parents, _utc_now)
    read_from = shelf or StaffShelf(stores.app, keyring)
    answer_programs(app, pace, results_api.door(read_from, land, tokens))
    return app


def create_reading_app(
    settings: Settings, stores: Stores, keyring: Keyring, shelf: StaffShelf | None = None
) -> Flask:
    """A unit's results for holders of a reading link: mounted at /read. It can set no cookie and writes nothing."""
    app = Discreet("tin-nhiem-reading", root_path=str(HERE), template_folder="templates", static_folder=None)
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    speak(app, HERE / "translations")
    land, log = InstanceLand(stores), StaffLog(stores.app, keyring, _utc_now)
    read_from = shelf or StaffShelf(stores.app, keyring)
    hang(app, reading.door(ReadingLinks(stores.app, read_from, log, land.parents, _utc_now)))
    app.jinja_env.globals.update(source_url=settings.source_url, clients=built_clients())
    return app


def create_voter_app(
    settings: Settings,
    desks: Mapping[str, RegistrarsDesk],
    boxes: Mapping[str, OpenBox],
    exhibits: Mapping[str, Exhibits],
) -> Flask:
    """The voter's application (docs/protocol.md §15). It may be mounted on another host name than the rest of the site."""
    wires = voter_roll.wire(desks), voter_box.wire(boxes, exhibits)
    return _without_accounts("tin-nhiem-voter", settings, MOST_BALLOT_BYTES, *wires)


def create_office_app(settings: Settings, office: Office) -> Flask:
    """The organizers' slips (docs/protocol.md §17), for holders of a personal link."""
    return _without_accounts("tin-nhiem-office", settings, OFFICE_BYTES, roll_office.wire(office))


def create_trustee_app(settings: Settings, desk: Desk) -> Flask:
    """The committee's pages (docs/protocol.md §16), for holders of a personal link."""
    return _without_accounts("tin-nhiem-trustee", settings, TRUSTEE_BYTES, committee_trustee.wire(desk))


def _without_accounts(name: str, settings: Settings, most_bytes: int, *wires: Wire) -> Flask:
    """An application of its own for whoever comes without an account: no secret key, so it can set no cookie."""
    app = Discreet(name, root_path=str(HERE), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    wired(app, most_bytes, built_clients(), *wires)
    return app


class Site:
    """Everything an instance serves, with its clock; `close` stops the clock and waits for what is being computed."""

    def __init__(self, wsgi: WSGIApplication, jobs: Jobs | None, *beats: Beat) -> None:
        self._wsgi, self._jobs = wsgi, jobs
        if jobs is not None:
            jobs.start()
        self._clock = Clock(*beats) if beats else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        return self._wsgi(environ, start_response)

    def close(self) -> None:
        """To be called before the stores are closed."""
        if self._clock is not None:
            self._clock.stop()
        if self._jobs is not None:
            self._jobs.close()


def make_site(settings: Settings, stores: Stores, keyring: Keyring) -> Site:
    """Everything this instance serves: `TIN_NHIEM_SERVE` chooses `all`, `voter` (only /b) or `site` (all but /b)."""
    inner: dict[str, WSGIApplication] = {}
    site: WSGIApplication = NotFound()
    if settings.serve != "site":
        inner["/b"] = create_voter_app(
            settings,
            serving.desks(stores, keyring),
            serving.boxes(stores, keyring),
            serving.exhibits(settings.exhibits),
        )
    if settings.serve != "voter":
        jobs = Jobs(settings.jobs)
        counts = CountingWork(stores, keyring, settings.bundles, jobs)
        log = StaffLog(stores.app, keyring, _utc_now)
        jobs.teach({**works(stores, keyring, log, Outgoing.of(settings)), COUNT: counts.work})
        office = InstanceOffice(stores, keyring, _utc_now, jobs)
        inner["/o"] = create_office_app(settings, office)
        inner["/k"] = create_trustee_app(settings, InstanceDesk(stores, keyring, counts, _utc_now))
        shelf = StaffShelf(stores.app, keyring)
        inner[STAFF] = create_staff_app(settings, stores, keyring, jobs, shelf)
        inner["/api"] = create_api_app(settings, stores, keyring, shelf)
        inner["/read"] = create_reading_app(settings, stores, keyring, shelf)
        boards = InstanceBoards(stores, keyring, settings.bundles)
        site = create_app(settings, stores, keyring, boards)
    whole = DispatcherMiddleware(site, inner)
    # Behind so many proxies the visitor's address, used for rate limits in memory only, is that many steps away.
    served = ProxyFix(whole, x_for=settings.proxies, x_proto=0) if settings.proxies else whole
    if settings.serve == "voter":
        return Site(served, None)
    desks = desks_of(
        stores, keyring, jobs, built_clients(), settings.exhibits, _utc_now, Outgoing.of(settings)
    )
    desks.exhibits.tell_all()
    beats = desks.polls.beat, counts.look, boards.look, seldom(desks.organisation.forget_old)
    return Site(served, jobs, *beats)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def serve(settings: Settings, stores: Stores, keyring: Keyring) -> None:
    """Serve the site until the process is stopped."""
    site = make_site(settings, stores, keyring)
    listen = f"{settings.listen}:{settings.port}"
    server = make_server(site, listen, threads=settings.threads, most_voter_bytes=MOST_BALLOT_BYTES)
    try:
        server.run()
    finally:
        site.close()
