"""Members on the command line, over a real server: ceremony, count, certificate; and every subset of them."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveys.audit.verifier import verify
from surveys.cli import main
from surveys.committee import counting
from surveys.committee.errors import NotEnoughShares, ServerUnreachable
from surveys.committee.server import Server
from surveys.committee.service import CommitteeState
from surveys.committee.trustee import Trustee
from surveys.protocol.codes import read_sheet
from surveys.protocol.tally import open_sums, solve_all
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stages import closing, tallying
from tests.journeys.test_committee import Committee, a_committee
from tests.opening import count_by, opened_by

SURVEYS = Path(sys.executable).with_name("surveys")


@pytest.fixture
def committee(tmp_path: Path) -> Iterator[Committee]:
    with a_committee(tmp_path / "instance", voters=8) as made:
        yield made


def member(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["trustee", *arguments])


def sheets(folder: Path) -> list[Path]:
    made = [folder / f"sheet-{i}.txt" for i in (1, 2, 3)]
    for sheet in made:
        assert member("sheet", str(sheet)).exit_code == 0
        assert sheet.stat().st_mode & 0o777 == 0o600
    return made


def links(committee: Committee) -> list[str]:
    return [committee.link(i).replace("?lang=en", "") for i in (1, 2, 3)]


def all_at_once(committee: Committee, papers: list[Path], until: str, members: tuple[int, ...]) -> None:
    """Each member runs in a process of their own and waits for the others."""
    where = links(committee)
    running = {
        i: subprocess.Popen(
            [
                SURVEYS,
                "trustee",
                "run",
                "--yes",
                "--until",
                until,
                "--sheet",
                papers[i],
                "--server",
                where[i],
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for i in members
    }
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        codes = [process.poll() for process in running.values()]
        if None not in codes or any(codes):
            break
        time.sleep(0.1)
    for process in running.values():  # one who failed keeps the others waiting: what it said is the reason
        process.kill()
    said = {i: process.communicate()[0] for i, process in running.items()}
    assert {i: process.returncode for i, process in running.items()} == dict.fromkeys(members, 0), said


def test_three_members_make_a_key_and_two_of_them_count_and_certify(
    committee: Committee, tmp_path: Path
) -> None:
    papers = sheets(tmp_path)
    all_at_once(committee, papers, "confirmed", (0, 1, 2))
    states = [committee.state]
    committee.open_vote_close()
    all_at_once(committee, papers, "papers", (0, 1, 2))
    link = links(committee)[2]
    certified = member("certify", "--yes", "--sheet", str(papers[2]), "--server", link)
    assert certified.exit_code == 0, certified.output
    assert "BIÊN BẢN KIỂM PHIẾU" in certified.output
    again = member("certify", "--yes", "--sheet", str(papers[2]), "--server", link)
    assert again.exit_code == 0, again.output
    states.append(committee.state)
    assert states == [State.CONFIRMED, State.COUNTING]
    all_at_once(committee, papers, "published", (1,))
    assert committee.state is State.PUBLISHED
    assert verify(committee.settings.bundles / f"{committee.round_id}.zip").good
    tested = member("test", "--sheet", str(papers[1]), "--server", links(committee)[1])
    assert "This is the right sheet" in tested.output
    wrong = member("test", "--sheet", str(papers[1]), "--server", links(committee)[0])
    assert wrong.exit_code == 1
    assert "not the one of your commit" in wrong.output


def test_what_a_wrong_call_is_told(committee: Committee, tmp_path: Path) -> None:
    papers = sheets(tmp_path)
    assert member("sheet", str(papers[0])).exit_code == 2
    link = links(committee)[0]
    for arguments, status, said in (
        (
            ["commit", "--sheet", str(papers[0]), "--server", "https://x/k/y/"],
            1,
            "a personal link looks like",
        ),
        (["commit", "--sheet", str(papers[0]), "--server", "http://example.org/k/y/#a"], 1, "only https"),
        (["commit", "--sheet", str(papers[0]), "--server", link[:-4]], 1, "This personal link is wrong"),
        (
            ["commit", "--sheet", str(papers[0]), "--server", "http://127.0.0.1:1/k/y/#a"],
            1,
            "Refused: 127.0.0.1",
        ),
        (["deal", "--sheet", str(papers[0]), "--server", link], 1, "not every trustee once and in order"),
        (["confirm", "--yes", "--sheet", str(papers[0]), "--server", link], 1, "The server refused"),
        (["count", "--yes", "--sheet", str(papers[0]), "--server", link], 1, "The server refused"),
    ):
        done = member(*arguments)
        assert (done.exit_code, said in done.output) == (status, True), done.output
    papers[0].write_text("AAAA", "ascii")
    done = member("commit", "--sheet", str(papers[0]), "--server", link)
    assert (done.exit_code, "has 4 characters" in done.output) == (1, True), done.output


def test_who_waits_goes_on_when_the_server_was_away(
    committee: Committee, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers, where = sheets(tmp_path), links(committee)
    asks = Server.state
    tries: list[Server] = []

    def others(step: str, *options: str) -> None:
        for i in (1, 2):
            done = member(step, *options, "--sheet", str(papers[i]), "--server", where[i])
            assert done.exit_code == 0, done.output

    def away() -> None:
        def unreachable(server: Server) -> CommitteeState:
            tries.append(server)
            raise ServerUnreachable("127.0.0.1: nobody is there")

        monkeypatch.setattr(Server, "state", unreachable)

    def back() -> None:
        assert len(tries) == 1
        monkeypatch.setattr(Server, "state", asks)
        others("commit")

    pauses: Iterator[Callable[[], None]] = iter(
        [away, back, partial(others, "deal"), partial(others, "confirm", "--yes")]
    )
    monkeypatch.setattr("surveys.commands.trustee.time.sleep", lambda _: next(pauses)())
    done = member("run", "--yes", "--until", "confirmed", "--sheet", str(papers[0]), "--server", where[0])
    assert done.exit_code == 0, done.output
    assert done.output.count("No answer (127.0.0.1: nobody is there); trying again") == 1
    assert "Done: confirmed." in done.output


def test_every_two_of_three_count_and_one_alone_cannot(committee: Committee, tmp_path: Path) -> None:
    """The drill: any t sheets open the same sums, t − 1 open nothing."""
    papers = sheets(tmp_path)
    all_at_once(committee, papers, "confirmed", (0, 1, 2))
    committee.open_vote_close()
    manifest = ledger.find(committee.stores.app, committee.round_id).manifest
    assert manifest is not None
    board = closing.seal_box(committee.stores, manifest)
    count = tallying.propose(committee.stores.engines, manifest, 1, board)
    trustees = [Trustee(read_sheet(paper.read_text("ascii")), i) for i, paper in enumerate(papers, 1)]
    members = tallying.board_members(committee.stores.engines, count, board)
    examined = count_by(committee.stores.engines, count, members, trustees, trustees[:1])
    with pytest.raises(NotEnoughShares):
        counting.tally(committee.stores.engines.app, count)
    agreement = counting.agreement_in(committee.stores.engines.app, count)
    given = [opened_by(trustee, examined, agreement) for trustee in trustees]
    sizes = [sum(count.ballots[p] for p in panels) for _, panels in count.plan.atoms()]
    opened = {
        tuple(map(tuple, solve_all(open_sums(count.sums, [a, b], 2), sizes, 3)))
        for a, b in itertools.combinations(given, 2)
    }
    assert len(opened) == 1


def test_two_members_go_on_without_the_third_only_when_they_name_the_third_absent(
    committee: Committee, tmp_path: Path
) -> None:
    papers = sheets(tmp_path)
    all_at_once(committee, papers, "confirmed", (0, 1, 2))
    committee.open_vote_close()
    where = links(committee)
    waiting = subprocess.Popen(
        [SURVEYS, "trustee", "count", "--yes", "--sheet", papers[0], "--server", where[0]],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    said = next(line for line in waiting.stderr if not line.startswith("Waiting ("))
    waiting.kill()
    waiting.communicate()
    assert "Call them" in said
    for i, absent in ((1, (0, 2)), (0, (2,))):
        command = ["count", "--yes", "--sheet", str(papers[i]), "--server", where[i]]
        if i == 1:
            # The first has cosigned before it was stopped.
            command += ["--absent", "3"]
        else:
            command += [option for n in absent for option in ("--absent", str(n + 1))]
        done = member(*command)
        assert done.exit_code == 0, done.output
    for i in (0, 1):
        done = member("certify", "--yes", "--sheet", str(papers[i]), "--server", where[i])
        assert done.exit_code == 0, done.output
    name = "Thành viên vắng khi mở kết quả / Members absent from the opening: "
    assert name in done.output
    assert name + "không" not in done.output
