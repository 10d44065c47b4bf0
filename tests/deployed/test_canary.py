"""Five hundred voters come, each from an address and with an agent of its own, through nginx and gunicorn as
the documents put them up; afterwards nothing on the whole disk of the service knows one of them.
"""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.instance.held import open_stores
from surveys.jobs.progress import Silent
from surveys.names import RoundId
from surveys.protocol.secret.encrypt import encrypt_ballot
from surveys.protocol.secret.slip_key import slip_key
from surveys.rehearsal import run as rehearsal
from surveys.rehearsal.run import OpenPolls
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import read_settings, write_settings_file
from surveys.stores.store import Stores
from surveys.web.clients import built_clients
from tests.deployed.disks import Disk, a_disk
from tests.deployed.kit import BOOTH, NGINX, SITE, Machine, a_machine, make_keys_here, proxy, services
from tests.organisations import one_hall, some_terms
from tests.votes import a_token

VOTERS, AT_ONCE = 500, 10
SURVEY = bytes([0xCA]) * 16
BASE = f"/b/{SURVEY.hex()}"
TOKEN = "t" * 43
IN_MEMORY = {"/dev/shm/wgunicorn-… (deleted)", "/dev/null", "/memfd:wasm-memory-image (deleted)"}
ADDRESSES, AGENTS = rb"127\.141\.\d+\.\d+", rb"canary-[0-9a-f]{16}"


@dataclass(frozen=True)
class Voter:
    """What is known of somebody who comes."""

    number: int

    @property
    def address(self) -> str:
        return f"127.141.{17 + self.number // 200}.{1 + self.number % 200}"

    @property
    def agent(self) -> str:
        return f"Mozilla/5.0 canary-{self.number * 0x9E3779B97F4A7C15 % 2**64:016x}"


def settle(machine: Machine) -> Stores:
    """An instance as the documents set it up, and its stores."""
    values = {
        "ADDRESS": f"https://{BOOTH}",
        "HOSTS": f"{SITE},{BOOTH},localhost",
        "HTTPS": "yes",
        "PROXIES": "1",
        "PROCESSES": "2",
        "KEYRING": str(machine.keyring),
        "WITNESS": machine.placed("/var/lib/tin-nhiem-witness/witness"),
        "METRICS_TOKEN": TOKEN,
    }
    write_settings_file(
        machine.instance / "settings.env", {f"TIN_NHIEM_{name}": each for name, each in values.items()}
    )
    return open_stores(read_settings({"TIN_NHIEM_INSTANCE": str(machine.instance)}))


def polls(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> OpenPolls:
    """Open polls of one hall."""
    make_keys_here(monkeypatch)
    organisation, preset = one_hall(VOTERS), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named)
    present = [len(panel) for panel in electorate.panels.values()]
    return rehearsal.open_vote(stores, terms, organisation, electorate, present, Silent(), 1)


class Booth:
    """A voter's browser at one connection: the pages, a paper, a ballot, a look-up."""

    def __init__(self, machine: Machine, opened: OpenPolls, voter: Voter) -> None:
        self._voter, self._manifest = voter, opened.manifest
        self._slip = slip_key(opened.slips[voter.number].code, SURVEY)
        self._connection = machine.connect(voter.address, BOOTH)
        self._headers = {"Host": BOOTH, "User-Agent": voter.agent, "X-Forwarded-For": voter.address}

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self._connection.request("GET" if body is None else "POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def paper(self) -> None:
        self._token = a_token(self._manifest, 0, os.urandom(32))
        asked = self._slip.request(self._manifest.hash, 0, self._token.blinded)
        status, signed = self.ask(f"{BASE}/issue", b"\0" * 4 + asked.slip + asked.blinded + asked.signature)
        assert status == 200, signed
        self._signed = self._token.finish(signed)

    def cast(self) -> int:
        ballot = encrypt_ballot(self._manifest, 0, [1], self._token.seed, 1, self._signed, os.urandom)
        return self.ask(f"{BASE}/cast", ballot)[0]

    def vote(self) -> None:
        for page in ("", "head", "manifest", "polls") if self._voter.number % 10 == 0 else ():
            assert self.ask(f"{BASE}/{page}")[0] == 200
        self.paper()
        assert self.cast() == 200
        self._connection.close()

    def close(self) -> None:
        self._connection.close()


def vote(machine: Machine, opened: OpenPolls, voter: Voter) -> None:
    """Everything a voter does, at one connection."""
    with closing(Booth(machine, opened, voter)) as booth:
        booth.vote()


def blunder(machine: Machine, voter: Voter) -> None:
    """What a server likes to complain of: bytes that are no request, bodies that are too large or never come,
    slips that nobody has, addresses that lead nowhere.
    """

    def send(raw: bytes, host: str | None = BOOTH) -> bytes:
        way = socket.create_connection(("127.0.0.1", machine.https), 30, (voter.address, 0))
        if host is not None:
            way = ssl._create_unverified_context().wrap_socket(way, server_hostname=host)
        with way, suppress(OSError):
            way.sendall(raw)
            return way.recv(100)
        return b""

    head = f"Host: {BOOTH}\r\nUser-Agent: {voter.agent}\r\n".encode()
    cast = f"POST {BASE}/cast HTTP/1.1\r\n".encode() + head
    assert b" 413 " in send(cast + b"Content-Length: 200000\r\n\r\n")
    assert b" 400 " in send(b"GET / HTTP/1.1\r\n" + head + b"Content-Length: x\r\n\r\n")
    assert b" 400 " in send(
        b"GET / HTTP/1.1\r\n" + head + b"\r\n", host=None
    )  # plain http where TLS is spoken
    send(b"\x16\x03\x01" + voter.agent.encode(), host=None)
    assert send(
        cast
        + b"Content-Length: 900\r\nX-Odd: "
        + b"\xff\x7f" * 9
        + b"\r\nConnection: close\r\n\r\n"
        + b"y" * 900
    )
    way = machine.connect(voter.address, BOOTH)
    way.putrequest("POST", f"{BASE}/cast")
    way.putheader("User-Agent", voter.agent)
    way.putheader("Content-Length", "900")
    way.endheaders(b"half")
    way.close()
    for host, path, body in (
        (BOOTH, f"{BASE}/issue", b"\0" * 356),
        (BOOTH, f"{BASE}/cast", b"z" * 900),
        (BOOTH, "/b/nowhere/", None),
        (SITE, f"/read/vi/{voter.agent[-16:]}", None),
        (SITE, "/vi/", None),
    ):
        with closing(machine.connect(voter.address, host)) as connection:
            connection.request(
                "GET" if body is None else "POST", path, body, {"Host": host, "User-Agent": voter.agent}
            )
            assert connection.getresponse().status < 500


def broken(machine: Machine, opened: OpenPolls) -> None:
    """The box breaks under a voter's ballot and is mended; the voter tries again."""
    box = machine.instance / "stores" / f"box-{SURVEY.hex()}.sqlite"
    with closing(Booth(machine, opened, Voter(0))) as booth:
        booth.paper()
        for statement, status in (
            ("CREATE TRIGGER breaks BEFORE UPDATE ON paper BEGIN SELECT RAISE(ABORT, 'broken'); END", 500),
            ("DROP TRIGGER breaks", 200),
        ):
            with closing(sqlite3.connect(box, timeout=30)) as connection:
                connection.execute(statement)
            assert booth.cast() == status


def written(machine: Machine, parents: Sequence[int]) -> set[str]:
    """The files that processes and their children hold open for writing, elsewhere than on the disk."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid = int(status.parent.name)
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if {pid, parent}.isdisjoint(parents):
                continue
            for held in (status.parent / "fd").iterdir():
                flags = re.search(r"flags:\s+(\d+)", (status.parent / "fdinfo" / held.name).read_text())
                to = str(held.readlink())
                if (
                    flags
                    and int(flags[1], 8) & 3
                    and to.startswith("/")
                    and not to.startswith(str(machine.disk))
                ):
                    found.add(re.sub(r"wgunicorn-\w+", "wgunicorn-…", to))
    return found


def seconds(begun: float, ended: float) -> bytes:
    """Every second in between as a log could write it."""
    forms = (
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%d/%b/%Y:%H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%d %b %Y %H:%M:%S",
        "%s",
    )
    texts = {
        moment.strftime(form) if form != "%s" else str(second)
        for second in range(int(begun), int(ended) + 1)
        for moment in (datetime.fromtimestamp(second, UTC), datetime.fromtimestamp(second))  # noqa: DTZ006
        for form in forms
    }
    return "|".join(map(re.escape, sorted(texts))).encode()


@pytest.fixture
def disk() -> Iterator[Disk]:
    if NGINX is None:
        pytest.skip("NO VOTER CAME THROUGH NGINX: it is not installed (.ci/run installs it)")
    with a_disk() as made:
        yield made


def test_of_five_hundred_voters_nothing_stays_on_the_disk(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = a_machine(disk.folder)
    stores = settle(machine)
    opened = polls(stores, monkeypatch)
    with services(machine, "site", "booth") as running, proxy(machine) as nginx:
        broken(machine, opened)
        log = machine.log.read_text("utf-8")
        assert "Broken: /<round_id>/cast [POST]" in log
        assert "UPDATE paper" in log
        assert "[parameters:" not in log  # the slot would be one of them
        time.sleep(1.1)
        begun = time.time()
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            coming = [crowd.submit(vote, machine, opened, Voter(number)) for number in range(1, VOTERS)]
            coming += [crowd.submit(blunder, machine, Voter(VOTERS + number)) for number in range(5)]
            for each in coming:
                each.result()
        ended = time.time()
        assert written(machine, [nginx.pid, *(each.pid for each in running.values())]) <= IN_MEMORY
        assert (
            f'tin_nhiem_turnout_percent{{round="{SURVEY.hex()}"}} 100\n'
            in machine.watched("/metrics", Authorization=f"Bearer {TOKEN}")[1]
        )
    with closing(stores), closing(sqlite3.connect(stores.engines.box_path(RoundId(SURVEY.hex())))) as box:
        assert box.execute("SELECT count(*) FROM head WHERE used = x'01'").fetchone() == (VOTERS,)
    assert disk.found(SURVEY.hex().encode())  # it is the disk of this vote that is read
    for of_a_voter in (ADDRESSES, AGENTS, seconds(begun, ended)):
        assert disk.found(of_a_voter) == set()


def test_the_twin_that_writes_a_log_and_deletes_it_is_found() -> None:
    with a_disk() as disk:
        log = disk.folder / "access.log"
        with log.open("w", encoding="ascii") as file:
            file.write(
                f'{Voter(7).address} - "POST /cast" {datetime(2026, 11, 2, 8, 30, 7, tzinfo=UTC):%d/%b/%Y:%H:%M:%S}'
            )
            file.flush()
            os.fsync(file.fileno())
        if disk.sees_what_was_deleted:
            log.unlink()
        assert disk.found(ADDRESSES) == {Voter(7).address.encode()}
        at = datetime(2026, 11, 2, 8, 30, 7, tzinfo=UTC).timestamp()
        assert disk.found(seconds(at - 5, at + 5)) == {b"02/Nov/2026:08:30:07"}
