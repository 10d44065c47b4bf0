"""Four processes serve one instance (docs/operations.md): one of them works for all. Each letter leaves once,
a round is counted once, all together let through no more than one would, and whoever is told to end finishes
first.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import Act
from surveys.audit.verifier import verify
from surveys.commands.kit import log_of
from surveys.console.background import background_work
from surveys.instance.kinds import COUNT, MAIL
from surveys.instance.mailing_job import Outgoing
from surveys.instants import instant
from surveys.jobs.progress import Silent
from surveys.jobs.queue import Standing
from surveys.names import RoundId, UnitCode
from surveys.protocol.codes import write_sheet
from surveys.rehearsal import run as rehearsal
from surveys.rehearsal.run import OpenPolls
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rounds.states import State, has_reached
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings, write_settings_file
from surveys.stages import closing as close
from surveys.stages import preparing
from surveys.stores.witness import Witness
from surveys.web.clients import built_clients
from surveys.web.wire import MOST_A_MINUTE
from tests.deployed.kit import BIN, DEPLOY, ROOT, make_keys_here
from tests.desk import NOW, Desk, a_desk
from tests.mail.build import settings_for
from tests.mail.server import PostOffice, serving
from tests.organisations import a_bloc, some_terms
from tests.ports import free_port
from tests.post import CODE, read, with_addresses

PROCESSES = 4
SURVEY = bytes([0xC0]) * 16


@dataclass(frozen=True)
class Served:
    """An instance behind gunicorn, and what the test does to it as people would."""

    folder: Path
    desk: Desk
    office: PostOffice
    port: int
    process: subprocess.Popen[bytes]

    def send(self, number: int) -> tuple[RoundId, int]:
        """Send the letters of a new round: its id, and how many there are."""
        round_id = self.desk.draft(number, slips="mailed")
        preparing.freeze_mailed(self.desk.site.stores, round_id, 1)
        by = self.desk.account(Role.ORGANIZER, UnitCode("A"))
        waiting = self.desk.desks.letters.look(by, round_id).delivery.waiting
        self.desk.desks.letters.send(by, round_id)
        return round_id, waiting

    def holder(self) -> int:
        """The process that works for all: whoever holds the lock."""
        path = self.folder / "stores/server"
        inode = path.stat().st_ino if path.exists() else 0
        held = re.findall(rf"FLOCK +ADVISORY +WRITE +(\d+) +\S+:{inode} ", Path("/proc/locks").read_text())
        return int(held[0]) if held else 0

    def state(self, round_id: RoundId) -> State:
        return ledger.find(self.desk.site.stores.app, round_id).state

    def asked(self, address: str) -> int:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", "/b/nowhere/polls", headers={"X-Forwarded-For": address})
            return connection.getresponse().status


def until(what: Callable[[], object], seconds: float = 120.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.02)


@contextmanager
def four_processes(folder: Path, before: Callable[[Desk], None] = lambda _: None) -> Iterator[Served]:
    with serving(PostOffice()) as office:
        settings = Settings(mail=settings_for(office), address="https://localhost")
        desk = a_desk(folder, settings, with_addresses(a_bloc()))
        engines, keyring = desk.site.stores.engines, desk.site.stores.keyring
        engines.witness = Witness(folder / "witness", keyring.witness_key())
        desk.jobs.teach(background_work(desk.site.stores, desk.desks.log, Outgoing.of(settings)))
        before(desk)
        assert settings.mail is not None
        given = {"SMTP_HOST": settings.mail.host, "SMTP_PORT": str(office.port), "SMTP_SECURITY": "plain"}
        given |= {"SMTP_SENDER": settings.mail.sender, "ADDRESS": settings.address, "PROXIES": "1"}
        given["PROCESSES"] = str(PROCESSES)
        port = free_port()
        write_settings_file(
            folder / "settings.env", {f"TIN_NHIEM_{name}": value for name, value in given.items()}
        )
        process = subprocess.Popen(
            [
                BIN / "gunicorn",
                "--config",
                DEPLOY / "gunicorn.conf.py",
                "-b",
                f"127.0.0.1:{port}",
                "app:create_app()",
            ],
            cwd=ROOT,
            env={**os.environ, "TIN_NHIEM_INSTANCE": str(folder)},
        )
        served = Served(folder, desk, office, port, process)
        try:
            until(served.holder)
            yield served
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            desk.jobs.close()
            desk.site.stores.close()


def test_four_processes_work_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys_here(monkeypatch)
    closed: list[OpenPolls] = []
    with four_processes(tmp_path, lambda desk: closed.append(a_closed_vote(desk))) as served:
        letters_leave_once(served)
        a_killed_holder_is_replaced(served)
        they_let_through_what_one_would(served)
        round_id = closed[0].manifest.definition.round_id
        until(lambda: has_reached(served.state(round_id), State.SEALED))
        jobs = [job for job in served.desk.jobs.all() if job.kind == COUNT]
        assert [(job.about, job.failed) for job in jobs] == [(round_id, None)]
        what_was_begun_is_finished(served)
    assert served.holder() == 0


def letters_leave_once(served: Served) -> None:
    round_id, letters = served.send(1)
    until(lambda: served.desk.jobs.look(MAIL, round_id).standing is Standing.DONE)  # type: ignore[union-attr]
    arrived = Counter(taken.recipient for taken in served.office.taken)
    assert (len(arrived), set(arrived.values())) == (letters, {1})


def a_killed_holder_is_replaced(served: Served) -> None:
    """Killed among its letters: another process goes on, and at most the one letter under way comes twice."""
    served.office.taken.clear()
    first = served.holder()
    # A mail server that takes its time, so that the kill comes in between.
    served.office.answers["DATA"] = SlowReply("354 the text")
    _, letters = served.send(2)
    until(lambda: len(served.office.taken) >= 4)
    os.kill(first, signal.SIGKILL)
    until(lambda: served.holder() not in {0, first})
    until(lambda: len({taken.recipient for taken in served.office.taken}) == letters)
    until(lambda: all(not job.under_way for job in served.desk.jobs.all() if job.kind == MAIL))
    arrived = Counter(taken.recipient for taken in served.office.taken)
    assert sum(arrived.values()) - letters <= 1
    codes: dict[str, set[str]] = {}
    for taken in served.office.taken:
        found = CODE.search(read(taken)[1])
        assert found
        codes.setdefault(taken.recipient, set()).add(found.group())
    assert {len(each) for each in codes.values()} == {1}


class SlowReply(str):
    """A reply that comes after a while."""

    def encode(self, *given: str, **named: str) -> bytes:
        time.sleep(0.05)
        return super().encode(*given, **named)


def they_let_through_what_one_would(served: Served) -> None:
    """Of one address, in a minute: never more than one process alone would; others are served meanwhile."""
    found = Counter(served.asked("192.0.2.7") for _ in range(MOST_A_MINUTE + 100))
    assert set(found) == {404, 429}
    assert MOST_A_MINUTE // PROCESSES <= found[404] <= MOST_A_MINUTE
    assert served.asked("192.0.2.8") == 404


def what_was_begun_is_finished(served: Served) -> None:
    """A ballot that is still on its way when the server is told to end is answered."""
    with socket.create_connection(("127.0.0.1", served.port), 60) as way:
        head = (
            "POST /b/nowhere/cast HTTP/1.1",
            "Host: localhost",
            "Content-Length: 900",
            "Expect: 100-continue",
        )
        way.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode())
        assert way.recv(100).startswith(b"HTTP/1.1 100 ")  # a thread waits for the body
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert served.process.poll() is None
        way.sendall(b"x" * 900)
        assert way.recv(100).startswith(b"HTTP/1.1 404 ")
    assert served.process.wait(30) == 0


def a_closed_vote(desk: Desk) -> OpenPolls:
    """A vote whose polls are closed: the server has the next step."""
    organisation, preset = a_bloc(), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named, visibility="public")
    stores, present = desk.site.stores, [len(panel) for panel in electorate.panels.values()]
    opened = rehearsal.open_vote(stores, terms, organisation, electorate, present, Silent(), 1)
    close.close_polls(stores.engines, opened.manifest, instant(datetime.now(UTC)))
    return opened


@pytest.mark.soak
def test_four_processes_count_and_publish_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The committee comes to whichever process answers, and each can show what one has computed."""
    make_keys_here(monkeypatch)
    closed: list[OpenPolls] = []
    instance = tmp_path / "i"
    with four_processes(instance, lambda desk: closed.append(a_closed_vote(desk))) as served:
        stores, round_id = served.desk.site.stores, closed[0].manifest.definition.round_id
        members = []
        for trustee, sheet in enumerate(closed[0].sheets, 1):
            paper = tmp_path / f"sheet-{trustee}.txt"
            paper.write_text(" ".join(write_sheet(sheet)), "ascii")
            token = make_link(
                stores.engines.app, round_id, Purpose.TRUSTEE, trustee, NOW.replace(year=2099), 1
            )
            link = f"http://127.0.0.1:{served.port}/k/{round_id}/#{token}"
            call = [str(BIN / "surveys"), "trustee", "run", "--yes", "--until", "published"]
            members.append(subprocess.Popen([*call, "--sheet", str(paper), "--server", link]))
        assert [member.wait(300) for member in members] == [0, 0, 0]
        assert served.state(round_id) is State.PUBLISHED
        noted = [each for each in log_of(stores).entries() if each.act == Act.ROUND_PUBLISHED]
        assert len(noted) == 1
    assert verify(replace(Settings(), instance=instance).bundles / f"{round_id}.zip").good
