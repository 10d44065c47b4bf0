"""A real scheduler and two workers on the loopback: the same verdicts, also when one of them is killed in the
middle of its piece.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from surveys.audit import ballots, checks_roll, sharing
from surveys.audit.ballots import FEW, walk
from surveys.audit.bundle import write_bundle
from surveys.audit.checks_roll import CheckRequests
from surveys.audit.sharing import PublicWork, shared_out, software
from surveys.audit.verifier import verify
from surveys.commands.cluster import Cluster, NoCluster, OtherSoftware, _work, helpers_at
from surveys.protocol.errors import Rejected
from surveys.protocol.issuance import decode_issuance
from tests.audit.build import Vote, a_vote

SURVEYS = Path(sys.executable).with_name("surveys")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler with two workers, processes of their own."""
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as cluster:
        yield cluster.scheduler_address


def many(vote: Vote) -> list[bytes]:
    """The vote's ballots over and over: enough to share out."""
    return list(vote.ballots) * (2 + FEW // len(vote.ballots))


def looked(frames: Sequence[bytes], helpers: sharing.Helpers | None) -> tuple[Any, ...]:
    found = walk(frames, a_vote().manifest, tokens=True, jobs=1, on_done=lambda _: None, helpers=helpers)
    return {check: str(said) for check, said in found.refusals.items()}, found.by_panel, found.sums


def test_a_cluster_finds_what_this_machine_finds(address: str) -> None:
    frames = many(a_vote())
    bad = bytearray(frames[100])
    bad[-1] ^= 1
    with helpers_at(address) as helpers:
        assert helpers is not None
        assert helpers.jobs == 2
        for board in (frames, [*frames[:100], bytes(bad), *frames[101:]]):
            assert looked(board, helpers) == looked(board, None)


def test_requests_that_are_refused_on_a_worker_are_refused_here(address: str) -> None:
    vote = a_vote()
    panels = decode_issuance(vote.members["issuance.json"]).panels
    placed = [[(f"issuance.panels[{p}]", each) for each in panel] for p, panel in enumerate(panels)]
    with helpers_at(address) as helpers:
        assert sum(shared_out(helpers, 1, CheckRequests(vote.manifest.hash), placed)) == 18
        with pytest.raises(Rejected, match=r"7\.2"):
            list(shared_out(helpers, 1, CheckRequests(bytes(32)), placed))


@dataclass(frozen=True, slots=True)
class DiesOnce(PublicWork[int, int]):
    """Kills the first process that takes the piece 3; whoever takes it next finds that this was so."""

    witness: str

    def __call__(self, piece: int) -> int:
        if piece == 3:
            try:
                os.close(os.open(self.witness, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return piece * piece


def test_a_killed_worker_costs_only_its_piece(address: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    with helpers_at(address) as helpers:
        assert helpers is not None
        assert list(helpers.each(DiesOnce(str(witness)), range(8))) == [n * n for n in range(8)]
        assert witness.exists()


def test_where_nobody_is_left_the_work_is_done_here() -> None:
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=0, processes=True, dashboard_address=":0", host="127.0.0.1"
        ) as nobody,
        Client(nobody, set_as_default=False) as client,  # type: ignore[no-untyped-call]
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr("surveys.commands.cluster.SECONDS_TO_ANSWER", 0.01)
        assert list(Cluster(client).each(DiesOnce("/"), [1, 2])) == [1, 4]


def test_a_worker_of_another_release_is_refused_by_name() -> None:
    assert _work(software(), DiesOnce("/"), 2) == 4
    with pytest.raises(OtherSoftware, match=r"tin-nhiem 0\.1"):
        _work("tin-nhiem 0.1", DiesOnce("/"), 2)


def test_trouble_with_a_worker_is_no_verdict_on_the_bundle(tmp_path: Path) -> None:
    class Other:
        jobs = 2

        def each(self, *_: object) -> Iterator[Any]:
            raise OtherSoftware("a", "b")

    write_bundle(tmp_path / "bundle.zip", a_vote().members)
    with pytest.raises(OtherSoftware):
        verify(tmp_path / "bundle.zip", jobs=1, helpers=Other())


def test_the_command_verifies_with_a_cluster_and_refuses_one_that_is_not_there(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.zip"
    write_bundle(bundle, a_vote().members)
    done = subprocess.run(
        [SURVEYS, "verify", bundle, "--json", "--scheduler", address], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["good"] is True
    monkeypatch.setattr("surveys.commands.cluster.SECONDS_TO_ANSWER", 0.2)
    with pytest.raises(NoCluster, match=r"no scheduler answers at tcp://127\.0\.0\.1:1"):
        ExitStack().enter_context(helpers_at("tcp://127.0.0.1:1"))


def test_what_leaves_the_machine_is_named_and_public() -> None:
    """Every work that helpers may be given stands in the auditor's room and holds bytes and answers to yes or
    no: no key has such a type there.
    """
    product = [each for each in PublicWork.__subclasses__() if each.__module__.startswith("surveys.")]
    # A class with slots is made twice, and the first may still be known.
    assert {each.__module__ for each in product} == {ballots.__name__, checks_roll.__name__}
    held = {each.__name__: dict(each.__annotations__) for each in product}
    assert held == {
        "LookAtBallots": {"manifest": "bytes", "tokens": "bool"},
        "CheckRequests": {"manifest_hash": "bytes"},
    }
