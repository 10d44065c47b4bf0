"""The site: stores, doors and headers, put together. Wiring only.

Eight applications, one an audience: public pages, voters (/b), holders of links (/k, /o, /read), programs
with a token (/api), staff (/s), and whoever watches the machine (/healthz, /metrics). Only the staff's has a
secret key and a cookie, for its own path: nobody who votes or reads public pages gets one.
Danger: a door that is hung without headers would be an open one; applications are made here and nowhere else.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from surveys.accounts import forgotten
from surveys.accounts.datastore import StaffDatastore
from surveys.accounts.pages import forgotten as forgotten_pages
from surveys.accounts.pages import invited as invited_pages
from surveys.accounts.pages import log as log_pages
from surveys.accounts.pages import organisation as organisation_entrance
from surveys.accounts.pages import staff as account_pages
from surveys.accounts.pages.door import add_template_globals
from surveys.accounts.pages.signing_in import sign_in
from surveys.accounts.pages.token_door import Pace, answer_programs
from surveys.accounts.staff_log import StaffLog
from surveys.accounts.tokens import Tokens
from surveys.box.open_box import OpenBox
from surveys.box.pages import voter as voter_box
from surveys.committee.pages import trustee as committee_trustee
from surveys.committee.pages.trustee import MOST_BYTES as TRUSTEE_BYTES
from surveys.committee.service import CommitteeService
from surveys.console.background import background_work
from surveys.console.home.pages import staff as desk_pages
from surveys.console.organisation.pages import overview as organisation_pages
from surveys.console.services import ConsoleServices, console_services
from surveys.handbook.pages import public as handbook_public
from surveys.instance import voter_service as serving
from surveys.instance.board_service import InstanceBoards
from surveys.instance.clock import Standstill, Steady, judging, seldom
from surveys.instance.counting_job import CountingWork
from surveys.instance.duty import Duty
from surveys.instance.held import open_stores
from surveys.instance.kinds import COUNT
from surveys.instance.mailing_job import Outgoing
from surveys.instance.pages import monitor
from surveys.instance.published_files import InstanceArchive
from surveys.instance.scope import InstanceScope
from surveys.instance.slip_service import InstanceOffice
from surveys.instance.trustee_service import InstanceCommittee
from surveys.jobs.queue import Jobs
from surveys.names import RoundId
from surveys.papers.archive import Papers
from surveys.papers.pages import staff as staff_papers
from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.protocol.stationery import Letterhead
from surveys.results.boards import Boards
from surveys.results.pages import api as results_api
from surveys.results.pages import public as results_public
from surveys.results.pages import public_board, reading
from surveys.results.pages import staff as results_staff
from surveys.results.reading import ReadingLinks
from surveys.results.shelf import PublicShelf, StaffShelf
from surveys.roll.issuing import Issuer
from surveys.roll.pages import organizer as roll_office
from surveys.roll.pages import voter as voter_roll
from surveys.roll.pages.organizer import MOST_BYTES as OFFICE_BYTES
from surveys.roll.slip_service import Office
from surveys.settings import Settings, read_settings
from surveys.shipped import ROOT, TRANSLATIONS
from surveys.stages import binding
from surveys.stores.exhibits import Exhibits
from surveys.stores.store import Stores
from surveys.web.clients import Clients, built_clients
from surveys.web.doors import Discreet, register_doors
from surveys.web.headers import protect
from surveys.web.languages import use_translations
from surveys.web.serving import behind, make_server, run
from surveys.web.wire import Wire, register_wires

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STAFF = "/s"


class Services:
    """What the applications of one instance share. Each is made once, when it is first asked for while the
    site is put together.
    """

    def __init__(self, settings: Settings, stores: Stores, jobs: Jobs | None = None) -> None:
        self.settings, self.stores = settings, stores
        self._jobs = jobs

    @cached_property
    def clients(self) -> Clients:
        """The programs that browsers load."""
        return built_clients()

    @cached_property
    def jobs(self) -> Jobs:
        """The queue of background work, which is taught what there is to do."""
        if self._jobs is not None:
            return self._jobs
        jobs = Jobs(self.settings.jobs)
        log = StaffLog(self.stores.app, _utc_now)
        jobs.teach(background_work(self.stores, log, Outgoing.of(self.settings)))
        return jobs

    @cached_property
    def counts(self) -> CountingWork:
        """The counting of votes, which is work in the background."""
        counts = CountingWork(self.stores, self.settings.bundles, self.jobs)
        self.jobs.teach({COUNT: counts.work})
        return counts

    @cached_property
    def desks(self) -> ConsoleServices:
        """What staff's pages and the clock work with."""
        outgoing = Outgoing.of(self.settings)
        return console_services(
            self.stores,
            self.jobs,
            self.clients,
            self.settings.exhibits,
            _utc_now,
            outgoing,
            Standstill(self.settings.standstill),
            self.settings.time_zone,
            Letterhead(self.settings.letterhead),
        )

    @cached_property
    def log(self) -> StaffLog:
        """The staff log."""
        return StaffLog(self.stores.app, _utc_now)

    @cached_property
    def scope(self) -> InstanceScope:
        """Which unit lies below which."""
        return InstanceScope(self.stores.engines)

    @cached_property
    def shelf(self) -> StaffShelf:
        """Published results, as readers may see them."""
        return StaffShelf(self.stores.app)

    @cached_property
    def links(self) -> ReadingLinks:
        """Reading links."""
        return ReadingLinks(self.stores.engines.app, self.shelf, self.log, self.scope.parents, _utc_now)

    @cached_property
    def boards(self) -> InstanceBoards:
        """The sealed boards of all rounds."""
        return InstanceBoards(self.stores, self.settings.bundles)


def create_public_app(services: Services, boards: Boards | None = None) -> Flask:
    """The public pages. It opens no store by itself and writes nothing."""
    settings = services.settings
    app = Discreet("tin-nhiem", root_path=str(ROOT), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https)
    use_translations(app, TRANSLATIONS, settings.time_zone)
    shelf = PublicShelf(services.stores.app)
    register_doors(
        app, results_public.door(shelf), public_board.door(boards or services.boards), handbook_public.door()
    )
    app.jinja_env.globals.update(source_url=settings.source_url, clients=services.clients)
    return app


def create_staff_app(services: Services) -> Flask:
    """The staff's application, with accounts and sessions: mounted at /s, which its cookie is for, and
    nowhere else.
    """
    settings, stores = services.settings, services.stores
    app = Discreet(
        "tin-nhiem-staff", root_path=str(ROOT), template_folder="templates", static_folder="static"
    )
    desks, shelf = services.desks, services.shelf
    papers = Papers(shelf, InstanceArchive(stores, settings.bundles), desks.log)
    accounts = StaffDatastore(stores.app, desks.log)
    entrance = organisation_entrance.entrance(settings.provider, accounts, desks.log)
    protect(app, hosts=settings.hosts, https=settings.https)
    use_translations(app, TRANSLATIONS, settings.time_zone)
    register_doors(
        app,
        *organisation_entrance.doors(entrance),
        desk_pages.door(desks),
        desk_pages.rounds_door(desks),
        organisation_pages.door(desks.organisation, desks.scope),
        account_pages.own_door(desks.administration, desks.tokens, desks.scope),
        account_pages.people_door(desks.administration, desks.scope),
        log_pages.door(desks.log, desks.scope),
        invited_pages.door(desks.administration),
        forgotten_pages.door(partial(forgotten.ask, stores.app, services.jobs), Outgoing.of(settings).ready),
        results_staff.door(shelf, desks.scope),
        staff_papers.door(papers, desks.scope),
        reading.links_door(services.links, desks.scope),
        refusal="accounts/refusal.html",
    )
    organisation_entrance.join(entrance, app)
    sign_in(
        app,
        accounts,
        stores.keyring,
        desks.log,
        https=settings.https,
        mount=STAFF,
        processes=settings.processes,
    )
    add_template_globals(app, desks.scope)
    app.jinja_env.globals.update(clients=services.clients, organisation_sign_in=entrance is not None)
    return app


def create_api_app(services: Services, pace: Pace = Pace()) -> Flask:  # noqa: B008  (frozen)
    """Published results for programs with a token: mounted at /api. It can set no cookie and writes
    nothing.
    """
    app = Discreet("tin-nhiem-api", root_path=str(ROOT), static_folder=None)
    protect(app, hosts=services.settings.hosts, https=services.settings.https, remembered=False)
    tokens = Tokens(services.stores.app, services.log, services.scope.parents, _utc_now)
    answer_programs(
        app,
        pace.shared(services.settings.processes),
        results_api.door(services.shelf, services.scope, tokens),
    )
    return app


def create_reading_app(services: Services) -> Flask:
    """A unit's results for holders of a reading link: mounted at /read. It can set no cookie and writes
    nothing.
    """
    settings = services.settings
    app = Discreet("tin-nhiem-reading", root_path=str(ROOT), template_folder="templates", static_folder=None)
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    use_translations(app, TRANSLATIONS, settings.time_zone)
    register_doors(app, reading.door(services.links))
    app.jinja_env.globals.update(source_url=settings.source_url, clients=services.clients)
    return app


def create_voter_app(
    settings: Settings,
    desks: Mapping[RoundId, Issuer],
    boxes: Mapping[RoundId, OpenBox],
    exhibits: Mapping[RoundId, Exhibits],
    whole: Callable[[str], RoundId] = RoundId,
) -> Flask:
    """The voter's application (docs/protocol.md §15). It may be mounted on another host name than the rest of
    the site.
    """
    wires = voter_roll.wire(desks), voter_box.wire(boxes, exhibits, whole)
    return _without_accounts("tin-nhiem-voter", settings, MOST_BALLOT_BYTES, *wires, lost="doors/lost.html")


def create_office_app(settings: Settings, office: Office) -> Flask:
    """The organizers' slips (docs/protocol.md §17), for holders of a personal link."""
    return _without_accounts("tin-nhiem-office", settings, OFFICE_BYTES, roll_office.wire(office))


def create_trustee_app(settings: Settings, desk: CommitteeService) -> Flask:
    """The committee's pages (docs/protocol.md §16), for holders of a personal link."""
    return _without_accounts("tin-nhiem-trustee", settings, TRUSTEE_BYTES, committee_trustee.wire(desk))


def _without_accounts(
    name: str, settings: Settings, most_bytes: int, *wires: Wire, lost: str | None = None
) -> Flask:
    """An application for whoever comes without an account: no secret key, so it can set no cookie."""
    app = Discreet(name, root_path=str(ROOT), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    register_wires(app, most_bytes, built_clients(), *wires, processes=settings.processes, lost=lost)
    return app


def create_monitor_app(services: Services) -> Flask:
    """Whether this process answers, and totals, for whoever runs the instance. It can set no cookie and
    writes nothing.
    """
    settings = services.settings
    app = Discreet("tin-nhiem-monitor", root_path=str(ROOT), static_folder=None)
    protect(app, hosts=settings.hosts, https=settings.https, remembered=False)
    app.register_blueprint(monitor.door(services.stores, services.jobs, settings.metrics_token))
    return app


class Site:
    """Everything an instance serves; `front` is the application of its pages, `duty` what this process may do
    for the instance.
    """

    def __init__(self, wsgi: WSGIApplication, front: Flask, duty: Duty | None) -> None:
        self._wsgi, self.front, self.duty = wsgi, front, duty

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        return self._wsgi(environ, start_response)

    def close(self) -> None:
        """To be called before the stores are closed: stops the clock and waits for what is being computed."""
        if self.duty is not None:
            self.duty.put_down()


def put_together(settings: Settings, stores: Stores) -> Site:
    """Everything this instance serves: `TIN_NHIEM_SERVE` chooses `all`, `voter` (only /b) or `site` (all but
    /b). Begins no work.
    """
    inner: dict[str, WSGIApplication] = {}
    services = Services(settings, stores)
    watching = create_monitor_app(services).wsgi_app
    if settings.serve != "site":
        voter = create_voter_app(
            settings,
            serving.desks(stores),
            serving.boxes(stores),
            serving.exhibits(settings.exhibits),
            serving.by_short_code(stores),
        )
        inner["/b"] = voter.wsgi_app
        if settings.serve == "voter":
            alone = monitor.beside(DispatcherMiddleware(NotFound(), inner), watching)
            return Site(behind(alone, settings.proxies), voter, None)
    counts, jobs, desks = services.counts, services.jobs, services.desks
    inner["/o"] = create_office_app(settings, InstanceOffice(stores, _utc_now, jobs, settings.contact))
    inner["/k"] = create_trustee_app(settings, InstanceCommittee(stores, counts, _utc_now))
    inner[STAFF] = create_staff_app(services)
    inner["/api"] = create_api_app(services)
    inner["/read"] = create_reading_app(services)
    front = create_public_app(services)
    seen = Steady(desks.polls.beat, desks.standstill), counts.look, services.boards.look
    beats = (*judging(stores), *seen, seldom(desks.organisation.forget_old))

    def before() -> None:
        desks.standstill.end()
        binding.take_over(stores)
        desks.exhibits.tell_all()

    whole = monitor.beside(DispatcherMiddleware(front.wsgi_app, inner), watching)
    return Site(behind(whole, settings.proxies), front, Duty(stores.engines, jobs, beats, before))


def make_site(settings: Settings, stores: Stores) -> Site:
    """The site, with its background work and clock running in this process. Raises AnotherServer where they
    run in another one.
    """
    site = put_together(settings, stores)
    if site.duty is not None:
        site.duty.take_up()
    return site


def create_app() -> Flask:
    """The whole site of the instance that the environment names, for servers that ask for it: `gunicorn
    'app:create_app()'`.

    As many processes as are wanted may call it; one of them works for all, and when it ends, another.
    """
    settings = read_settings()
    site = put_together(settings, open_stores(settings))
    if site.duty is not None:
        site.duty.take_up_when_free()
    atexit.register(site.close)
    site.front.wsgi_app = site  # type: ignore[method-assign]
    return site.front


def _utc_now() -> datetime:
    return datetime.now(UTC)


def serve(settings: Settings, stores: Stores) -> None:
    """Serve the site until the process is stopped. Raises AnotherServer where one with background work serves
    already.
    """
    site = make_site(settings, stores)
    server = make_server(
        site,
        f"{settings.listen}:{settings.port}",
        threads=settings.threads,
        most_voter_bytes=MOST_BALLOT_BYTES,
        behind_proxies=settings.proxies > 0,
        connections=settings.connections,
    )
    try:
        run(server)
    finally:
        site.close()
