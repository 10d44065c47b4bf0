"""Several hosts over one database, each a process with a folder of its own: one does all, others only serve
voters. What is issued on one is cast on another; one slip gets one paper; no acknowledged ballot is missing
when polls close; whatever a second host may not do is refused in words.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from surveys.box.board import read_board
from surveys.box.receipts import load_box_key
from surveys.cli import main
from surveys.instance.held import KeyringOfAnotherHost, open_stores
from surveys.instance.keyrings import rotate
from surveys.names import RoundId
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.slip_key import slip_key
from surveys.rounds import ledger
from surveys.rounds.states import State, has_reached
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import Keyring, KeyringMissing
from surveys.stores.engines import AnotherHost, DatabaseBusy
from surveys.stores.generations import Generation
from surveys.stores.stops import Stop, Trouble, Where
from tests.deployed.kit import BIN, ROOT
from tests.ports import free_port
from tests.restores.history import ROUND, VOTERS, History
from tests.votes import Paper, a_ballot, a_token

SECONDS = 120


@dataclass(frozen=True)
class Host:
    """A process that serves, and where."""

    settings: Settings
    port: int
    process: subprocess.Popen[bytes]

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as connection:
            connection.request("GET" if body is None else "POST", path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return os.environ | {
        "TIN_NHIEM_INSTANCE": str(settings.instance),
        "TIN_NHIEM_KEYRING": str(settings.keyring),
        "TIN_NHIEM_WITNESS": str(settings.witness_file),
        "TIN_NHIEM_DATABASE": settings.database,
        "TIN_NHIEM_SERVE": settings.serve,
        **more,
    }


@contextmanager
def host(settings: Settings) -> Iterator[Host]:
    """`surveys serve`, until the block ends."""
    port = free_port()
    with subprocess.Popen(
        [BIN / "surveys", "serve"], cwd=ROOT, env=environment(settings, TIN_NHIEM_PORT=str(port))
    ) as process:
        try:
            yield Host(settings, port, process)
        finally:
            process.terminate()
            process.wait(SECONDS)


def until_it_answers(where: Host) -> None:
    ends = time.monotonic() + SECONDS
    while True:
        try:
            assert where.ask("/healthz")[0] == 200
        except OSError:
            assert where.process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.05)
        else:
            return


def surveys(settings: Settings, *words: str) -> Result:
    """A command, by somebody who sits at this host."""
    return CliRunner().invoke(main, words, env=environment(settings))


def second(settings: Settings, folder: Path, serve: str = "voter") -> Settings:
    """Another machine: a folder of its own, a copy of the keyring, no witness."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    shutil.copy(settings.keyring, keys)
    return replace(
        settings,
        instance=folder / "instance",
        keyring=keys / "keyring.json",
        witness=keys / "witness",
        serve=serve,
    )


class Voter:
    """Somebody with a slip, who may come to any host."""

    def __init__(self, history: History, number: int) -> None:
        assert history.manifest is not None
        self.manifest: Manifest = history.manifest
        self.slip = slip_key(history.slips[number].code, self.manifest.definition.survey)
        self.token = a_token(self.manifest, 0, os.urandom(32))

    def asks(self, where: Host) -> tuple[int, bytes]:
        asked = self.request = self.slip.request(self.manifest.hash, 0, self.token.blinded)
        raw = bytes(4) + asked.slip + asked.blinded + asked.signature
        return where.ask(f"/b/{ROUND}/issue", raw)

    def asks_anew(self, where: Host) -> tuple[int, bytes]:
        """With another message, as a second browser with the same slip would."""
        self.token = a_token(self.manifest, 0, os.urandom(32))
        return self.asks(where)

    def ballot(self, signed: bytes) -> bytes:
        paper = Paper(self.request, self.token.seed, self.token.finish(signed))
        contests = len(self.manifest.definition.panels[0].contests)
        return a_ballot(self.manifest, 0, [0] * contests, paper)


def test_three_hosts_hold_one_vote(history: History, tmp_path: Path) -> None:
    first = replace(history.at("opened", tmp_path / "first"), serve="all")
    with ExitStack() as running:
        one = running.enter_context(host(first))
        other = running.enter_context(host(second(first, tmp_path / "other")))
        third = running.enter_context(host(second(first, tmp_path / "third")))
        hosts = (one, other, third)
        for each in hosts:
            until_it_answers(each)
        cast = []
        for number, (issuing, casting) in enumerate(((one, other), (other, third), (third, one))):
            voter = Voter(history, number)
            status, signed = voter.asks(issuing)
            assert status == 200
            assert voter.asks(casting) == (200, signed)  # the same paper, from whichever host
            cast.append(voter.ballot(signed))
            status, receipt = casting.ask(f"/b/{ROUND}/cast", cast[-1])
            assert status == 200
            assert issuing.ask(f"/b/{ROUND}/cast", cast[-1]) == (200, receipt)

        with ThreadPoolExecutor(6) as crowd:  # one slip, another message at each host
            answers = list(crowd.map(lambda where: Voter(history, 3).asks(where)[0], hosts * 2))
        assert Counter(answers) == {200: 1, 409: 5}

        papers = {}
        for number in range(4, VOTERS):
            voter = Voter(history, number)
            papers[number] = voter.ballot(voter.asks(hosts[number % 3])[1])
        with ThreadPoolExecutor(6) as crowd:
            casting_ = [
                crowd.submit(hosts[n % 3].ask, f"/b/{ROUND}/cast", ballot) for n, ballot in papers.items()
            ]
            closed = surveys(first, "round", "close", ROUND)
            assert closed.exit_code == 0, closed.output
            answers = [each.result()[0] for each in casting_]
        assert set(answers) <= {200, 409}
        cast += [ballot for ballot, status in zip(papers.values(), answers, strict=True) if status == 200]
        board = sealed(first)
        assert sorted(board) == sorted(cast)
        for where in hosts:
            assert where.ask(f"/b/{ROUND}/cast", cast[0])[0] == 409
            assert where.ask(f"/b/{ROUND}/polls")[1].count(b"sealed") == 1


def sealed(settings: Settings) -> tuple[bytes, ...]:
    """The ballots of the board, as soon as the first host has sealed it."""
    stores = open_stores(settings)
    try:
        ends = time.monotonic() + SECONDS
        while not has_reached(ledger.heading(stores.engines.app, ROUND).state, State.SEALED):
            assert time.monotonic() < ends
            time.sleep(0.05)
        manifest = ledger.find(stores.app, ROUND).manifest
        assert manifest is not None
        return tuple(read_board(stores.engines.box(ROUND), manifest, load_box_key(stores.box(ROUND))).ballots)
    finally:
        stores.close()


def test_what_a_second_host_may_not_do_is_said(history: History, tmp_path: Path) -> None:
    first = history.at("opened", tmp_path / "first")
    stores = open_stores(first)
    stores.engines.serve_alone()
    site = open_stores(second(first, tmp_path / "site", "site"))
    with pytest.raises(AnotherHost, match="TIN_NHIEM_SERVE=voter"):
        site.engines.serve_alone()
    site.close()
    other = second(first, tmp_path / "other")
    with pytest.raises(DatabaseBusy, match="another host is working on this database"):
        open_stores(other, alone=True)
    closed = surveys(other, "round", "close", ROUND)
    assert closed.exit_code == 1
    assert "on the host that does the background work" in " ".join(closed.output.split())
    assert binding.look(stores, ROUND) is None
    other.keyring.unlink()
    with pytest.raises(KeyringMissing):
        open_stores(other)
    Keyring.fresh().save(other.keyring)
    with pytest.raises(KeyringOfAnotherHost):
        open_stores(other)
    stores.close()


def test_an_older_keyring_is_refused_after_a_rotation(history: History, tmp_path: Path) -> None:
    first = history.at("opened", tmp_path / "first")
    other = second(first, tmp_path / "other")
    open_stores(other).close()
    stores = open_stores(first, alone=True)
    rotate(first.keyring, stores.engines)
    stores.close()
    with pytest.raises(KeyringOfAnotherHost):
        open_stores(other)
    shutil.copy(first.keyring, other.keyring)
    open_stores(other).close()


def test_a_host_without_witness_looks_again_where_the_other_binds_meanwhile(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = history.at("opened", tmp_path / "first")
    stores, other = open_stores(first), open_stores(second(first, tmp_path / "other"))
    read, meanwhile = ledger.generation, [2]

    def generation(engine: Engine, round_id: RoundId) -> Generation:
        found = read(engine, round_id)
        for _ in range(meanwhile.pop() if meanwhile else 0):
            binding.bind(stores.engines, ROUND)
        return found

    monkeypatch.setattr(ledger, "generation", generation)
    assert binding.look(other, ROUND) is None
    monkeypatch.setattr(binding, "LOOKS", 1)  # the twin
    meanwhile.append(2)
    assert binding.look(other, ROUND) == Stop(Trouble.OLDER, Where.APP)
    stores.close()
    other.close()
