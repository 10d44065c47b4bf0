"""The real server under load: `make bench-load`.

A vote of one hall is opened in an instance, in files and in PostgreSQL. Its voters ask for their papers and
cast their ballots over HTTP, from a process of their own: as fast as they are answered (saturation), then at
half of that pace over many connections that stay open. The servers are `surveys serve` and the deploy kit's
booth (gunicorn, by its unit) behind the deploy kit's nginx, TLS included.

What processors have worked is read of the server's processes, the database's and nginx's; it holds on a busy
machine, where times by the clock do not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.measured import machine, report
from benchmarks.polling import ROUND, ask_all, fill, mark_all, open_polls
from benchmarks.voters import Place, Plan, Served, serve
from surveys.instance.held import open_stores
from surveys.settings import read_settings, write_settings_file
from tests.databases.server import NoServer, Server, a_server
from tests.deployed.kit import BIN, BOOTH, NGINX, SITE, Machine, a_machine, proxy, services
from tests.ports import free_port

STORES, SERVERS = ("sqlite", "postgresql"), ("serve", "gunicorn")
AT_ONCE = 64
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked for."""

    stores: Sequence[str]
    servers: Sequence[str]
    holds: Sequence[int]
    contests: int
    casts: int
    connections: int
    seconds: float
    processes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A server that answers, and the processes that work for it."""

    place: Place
    processes: dict[str, int]


def main(run: Run, folder: Path, workers: int) -> dict[str, Any]:
    """Measure all that is asked for, with instances in this folder; the facts that were written."""
    where = machine()
    found: list[dict[str, Any]] = []
    with ExitStack() as stack:
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        stack.enter_context(pool)
        database = stack.enter_context(a_server()) if "postgresql" in run.stores else None
        for store in run.stores:
            for holds in run.holds:
                at = folder / f"{store}-{holds}"
                runs = _measured(run, at, holds, database if store != "sqlite" else None, pool)
                found.extend({"store": store, "in the box": holds, **each} for each in runs)
    facts = {"machine": where, "asked": {name: getattr(run, name) for name in Run.__slots__}, "runs": found}
    columns = ("server", "in the box", "what", "a second", "50 %", "95 %", "99 %", "of processors, ms")
    title = f"{run.contests} contests a ballot; milliseconds; {run.connections} connections at half the pace"
    report("load", title, columns, [row for each in found for row in _rows(each)], facts)
    return facts


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name in ("papers", "casts", "casts at half"):
        what = found[name]
        times = (f"{1000 * what[percent]:.0f}" for percent in ("50 %", "95 %", "99 %"))
        shares = ", ".join(f"{who} {ms:.1f}" for who, ms in what["of processors, ms"].items())
        server = f"{found['server']}, {found['store']}"
        yield server, str(found["in the box"]), name, f"{what['a second']:.0f}", *times, shares


def _measured(
    run: Run, folder: Path, holds: int, database: Server | None, workers: Executor
) -> Iterator[dict[str, Any]]:
    """One instance, and each server in front of it after the other."""
    made = a_machine(folder)
    made.log.parent.mkdir(parents=True)
    _write_settings(made, run.processes, database)
    stores = open_stores(read_settings({"TIN_NHIEM_INSTANCE": str(made.instance)}))
    # At half of the pace so many as are cast at the whole one in half of the time; twice that is room enough.
    each = 2 * run.casts
    opened = open_polls(stores, run.contests, holds + each * len(run.servers))
    fill(stores, opened.slips[len(opened.slips) - holds :])
    stores.engines.close()
    manifest = opened.manifest
    for number, name in enumerate(run.servers):
        slips = opened.slips[number * each : (number + 1) * each]
        asked = ask_all(workers, manifest, [slip.code for slip in slips])
        with _standing(name, made, database) as standing:

            def pace(path: str, bodies: Sequence[bytes], connections: int, rate: float | None = None) -> Any:
                plan = Plan(standing.place, f"/b/{ROUND}/{path}", bodies, connections, rate)
                return _watched(workers, standing, plan)

            papers, said = pace("issue", [one.request for one in asked], min(AT_ONCE, len(asked)))
            ballots = mark_all(workers, manifest, asked, papers.answers)
            first, rest = ballots[: run.casts], ballots[run.casts :]
            # The first ballot finds a server that has to look what is in the box: told apart.
            one, begun = pace("cast", first[:1], 1)
            _, casts = pace("cast", first[1:], min(AT_ONCE, len(first)))
            rate = casts["a second"] / 2
            _, half = pace("cast", rest[: max(1, int(rate * run.seconds))], run.connections, rate)
            yield {
                "server": name,
                "papers": said,
                "first cast after the start, s": one.wall,
                "of processors, s": begun["of processors, ms"]["server"] / 1000,
                "casts": casts,
                "casts at half": half,
                "load": os.getloadavg()[0],
            }


def _watched(workers: Executor, standing: Standing, plan: Plan) -> tuple[Served, dict[str, Any]]:
    before = {name: _worked(process) for name, process in standing.processes.items()}
    served = workers.submit(serve, plan).result()
    count = len(plan.bodies)
    shares = {
        name: 1000 * (_worked(process) - before[name]) / count for name, process in standing.processes.items()
    }
    shares["generator"] = 1000 * served.cpu / count
    ordered = sorted(served.seconds)
    percents = {f"{p} %": ordered[min(count - 1, count * p // 100)] for p in (50, 95, 99)}
    return served, {
        "requests": count,
        "a second": count / served.wall,
        **percents,
        "most": ordered[-1],
        "of processors, ms": shares,
    }


def _worked(root: int) -> float:
    """Seconds of processors of a process and all that it has begun."""
    parents, spent = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        number = int(path.parent.name)
        parents[number], spent[number] = int(fields[1]), sum(map(int, fields[11:15]))
    mine = {root}
    for number in sorted(parents):
        climbed = number
        while climbed and climbed != root:
            climbed = parents.get(climbed, 0)
        if climbed == root:
            mine.add(number)
    return sum(spent.get(number, 0) for number in mine) / TICK


def _write_settings(made: Machine, processes: int, database: Server | None) -> None:
    values = {
        "HOSTS": f"{SITE},{BOOTH},localhost",
        "PROXIES": "1",
        "PROCESSES": str(processes),
        "KEYRING": str(made.keyring),
        "WITNESS": made.placed("/var/lib/tin-nhiem-witness/witness"),
    }
    if database is not None:
        values["DATABASE"] = database.database()
    write_settings_file(
        made.instance / "settings.env", {f"TIN_NHIEM_{name}": value for name, value in values.items()}
    )


@contextmanager
def _standing(name: str, made: Machine, database: Server | None) -> Iterator[Standing]:
    """The server of this name, ended afterwards."""
    more = {}
    if database is not None:
        more["database"] = int((database.folder / "data/postmaster.pid").read_text().split()[0])
    with ExitStack() as stack:
        if name == "gunicorn":
            made = a_machine(made.disk)  # ports that are free now
            booth = stack.enter_context(services(made, "booth"))["booth"]
            front = stack.enter_context(proxy(made))
            place = Place(made.https, BOOTH, str(made.disk / "etc/nginx/tls/fullchain.pem"))
            yield Standing(place, {"server": booth.pid, "nginx": front.pid, **more})
        else:
            running, port = stack.enter_context(_serving(made))
            yield Standing(Place(port, "localhost"), {"server": running.pid, **more})


@contextmanager
def _serving(made: Machine) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`surveys serve`, without a proxy, as in a room."""
    port = free_port()
    given = {**os.environ, "TIN_NHIEM_PORT": str(port), "TIN_NHIEM_PROXIES": "0"}
    call = [str(BIN / "surveys"), "serve", "--instance", str(made.instance)]
    with made.log.open("ab") as log:
        running = subprocess.Popen(call, env=given, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        ends = time.monotonic() + 120
        while not _answers(port):
            if running.poll() is not None or time.monotonic() > ends:
                sys.exit(made.log.read_text("utf-8"))
            time.sleep(0.1)
        yield running, port
    finally:
        running.terminate()
        running.wait(60)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def asked_for(words: Sequence[str]) -> Run:
    """What the words of the command line ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    servers = SERVERS if NGINX is not None else SERVERS[:1]
    parser.add_argument("--stores", nargs="+", choices=STORES, default=STORES)
    parser.add_argument("--servers", nargs="+", choices=servers, default=servers)
    parser.add_argument("--holds", nargs="+", type=int, default=[1_000, 60_000])
    parser.add_argument("--contests", type=int, default=20)
    parser.add_argument("--casts", type=int, default=1_500, help="at saturation; ballots are made ahead")
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20, help="at half of that pace, at most")
    parser.add_argument("--processes", type=int, default=1, help="of gunicorn")
    return Run(**vars(parser.parse_args(words)))


if __name__ == "__main__":
    try:
        with tempfile.TemporaryDirectory(prefix="tin-nhiem-load-") as scratch:
            main(asked_for(sys.argv[1:]), Path(scratch), os.cpu_count() or 1)
    except NoServer as why:
        sys.exit(f"no PostgreSQL: {why}")
