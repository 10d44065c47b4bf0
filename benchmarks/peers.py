"""The same vote for us and for Debian's belenios-tool, in turns within one run: `make bench-peers`.

20 questions of 3 answers, one of which everybody chooses. Belenios verifies 20 ballots of its own each time,
we a whole bundle of so many ballots (default 400): form, ceremony, issuances, tokens, signatures, proofs,
sums, shares, counts, minutes. Times are by the clock, medians of the rounds; a ratio is the median over the
rounds of the two times of one round, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measured import Spent, machine, middle, report, spent
from surveys.audit.bundle import read_bundle
from surveys.audit.frames import Frames
from surveys.audit.verifier import verify
from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.protocol.ballot import HEADER, row_size
from surveys.protocol.kernel import machine as kernel
from surveys.protocol.kernel.machine import READY_BYTES
from surveys.protocol.manifest import decode_manifest
from surveys.protocol.secret.encrypt import encrypt_ballot
from surveys.rehearsal import random_script, rehearse
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisations import some_terms

QUESTIONS, ANSWERS, THEIR_BALLOTS = 20, 3, 20
GROUPS = ("BELENIOS-2048",)
"""What its Debian package knows and takes by default; it has no elliptic curve yet."""


class Belenios:
    """An election of belenios-tool with all its ballots, in a folder."""

    def __init__(self, folder: Path, group: str) -> None:
        self.folder, self.group = folder, group
        folder.mkdir(parents=True)
        chance = random.Random(1)
        uuid = self._run("setup generate-token").strip()
        (folder / "voters.txt").write_text(
            "".join(f"v{i}@example.com,v{i}\n" for i in range(THEIR_BALLOTS)), "utf-8"
        )
        question = {"answers": [f"A{a}" for a in range(ANSWERS)], "min": 1, "max": 1}
        template = {
            "description": "d",
            "name": "n",
            "questions": [{**question, "question": f"Q{q}"} for q in range(QUESTIONS)],
        }
        (folder / "template.json").write_text(json.dumps(template), "utf-8")
        self._run(f"setup generate-credentials --uuid {uuid} --group {group} --file voters.txt")
        next(folder.glob("*.pubcreds")).rename(folder / "public_creds.json")
        self.credentials = next(folder.glob("*.privcreds")).read_text("utf-8").splitlines()
        for _ in range(3):
            self._run(f"setup generate-trustee-key --group {group}")
        keys = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.pubkey")))
        (folder / "public_keys.jsons").write_text(keys, "utf-8")
        self._run("setup make-trustees")
        (folder / "public_keys.jsons").unlink(missing_ok=True)
        self._run(f"setup make-election --uuid {uuid} --group {group} --template template.json")
        self._run("archive init")
        for name in ("election.json", "trustees.json", "public_creds.json"):
            (folder / name).unlink()
        for i in range(THEIR_BALLOTS):
            vote = [
                [int(a == chosen) for a in range(ANSWERS)]
                for chosen in chance.choices(range(ANSWERS), k=QUESTIONS)
            ]
            (folder / f"vote{i}.json").write_text(json.dumps(vote, separators=(",", ":")), "utf-8")
            (folder / f"credential{i}.txt").write_text(self.credentials[i].split()[-1] + "\n", "utf-8")
            self._run("archive add-event --type=Ballot", self.encrypt(i))

    def encrypt(self, i: int = 0) -> str:
        """One ballot."""
        return self._run(f"election generate-ballot --privcred credential{i}.txt --ballot vote{i}.json")

    def verify(self) -> None:
        """All ballots."""
        self._run("election verify")

    def _run(self, words: str, given: str = "") -> str:
        done = subprocess.run(
            ["belenios-tool", *words.split()],
            cwd=self.folder, input=given, capture_output=True, text=True, check=False,
            env={**os.environ, "BELENIOS_USE_URANDOM": "1"},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"belenios-tool {words}: {done.stderr[-400:]}")
        return done.stdout


def a_bundle(folder: Path, ballots: int) -> Path:
    """Our vote: one unit with so many voters and twenty leaders, held from slips to bundle."""
    people = [
        Person(PersonCode(f"v{n:05}"), f"Đại biểu {n}", UnitCode("H"), None, True) for n in range(ballots)
    ]
    posts = [
        Post(
            UnitCode("H"), PersonCode(f"v{n:05}"), f"Chức vụ {n}", PostKind.PARTY, n == 0, True, Scope.SUBTREE
        )
        for n in range(QUESTIONS)
    ]
    hall = Organisation.of([Unit(UnitCode("H"), None, "Hội đồng", "Council", "council")], people, posts)
    preset = Preset.load(DEFAULT)
    electorate = plan_electorate(hall, 2026, preset.level_ids)
    stores = Stores(Engines(folder / "stores"), Keyring.fresh())
    stores.engines.migrate_app()
    bundle = folder / "bundle.zip"
    script = random_script(electorate, preset, seed=1)
    rehearse(
        stores,
        some_terms(bytes(16), preset=preset),
        hall,
        electorate,
        script,
        bundle,
        jobs=os.cpu_count() or 1,
        typeset=False,
    )
    stores.close()
    return bundle


def bare(bundle: Path) -> tuple[Callable[[], object], int]:
    """Only what no verifier of these proofs can leave out: strict decoding of all points and the two sums
    over them.
    """
    with read_bundle(bundle) as members:
        frames = list(Frames(lambda: members.pieces("board.bin")))
        levels = len(decode_manifest(members["manifest.json"]).definition.levels)
    size, own = row_size(levels), 2 * (levels + 1)
    slices = [
        b"".join(frame[HEADER:-320] for frame in frames[at : at + 300]) for at in range(0, len(frames), 300)
    ]

    def work() -> None:
        computer = kernel.machine()
        assert computer is not None
        for raw in slices:
            count = len(raw) // size
            rows, first, second, weights, digits, out = computer.lay_out(
                len(raw), READY_BYTES * 2 * count, READY_BYTES * own * count, 32 * 2 * count + 16 * own * count,
                max(computer.digits(own * count, 128), computer.digits(2 * count, 253)), 32,
            )  # fmt: skip
            computer.put(rows, raw)
            assert computer.call("decode_rows", rows, count, levels, first, second) == count
            computer.put(weights, (os.urandom(31) + b"\0") * (2 * count))
            computer.call("multiply_points", first, weights, 2 * count, digits, out)
            computer.put(weights, os.urandom(16 * own * count))
            computer.call("weigh_points", second, weights, own * count, digits, out)

    return work, len(frames)


def main(ballots: int, rounds: int) -> None:
    """Set both votes up, take turns, print."""
    if shutil.which("belenios-tool") is None:
        sys.exit("belenios-tool is not installed (Debian: apt-get install belenios-tool)")
    where = machine()
    with tempfile.TemporaryDirectory() as scratch:
        bundle = a_bundle(Path(scratch) / "ours", ballots)
        peers = {group: Belenios(Path(scratch) / group, group) for group in GROUPS}
        bare_work, cast = bare(bundle)
        with read_bundle(bundle) as members:
            manifest = decode_manifest(members["manifest.json"])

        def whole(jobs: int) -> None:
            assert verify(bundle, jobs=jobs).good

        def encrypt() -> None:
            encrypt_ballot(manifest, 0, [1] * QUESTIONS, bytes(32), 1, bytes(256))

        steps: dict[str, tuple[Callable[[], object], int]] = {
            **{f"belenios {group}: verify": (peer.verify, THEIR_BALLOTS) for group, peer in peers.items()},
            "bare decoding and sums, one thread": (bare_work, cast),
            "ours: whole verification, 1 job": (lambda: whole(1), cast),
            "ours: whole verification, 2 jobs": (lambda: whole(2), cast),
            **{f"belenios {group}: encrypt a ballot": (peer.encrypt, 1) for group, peer in peers.items()},
            "ours: encrypt a ballot (Python)": (encrypt, 1),
        }
        found: dict[str, list[Spent]] = {name: [] for name in steps}
        whole(1)
        for _ in range(rounds):
            for name, (work, count) in steps.items():
                once = spent(work)
                found[name].append(Spent(once.wall / count, once.cpu / count))
    ratios = {
        f"{other} : {own} ({unit})": statistics.median(
            getattr(a, unit) / getattr(b, unit) for a, b in zip(found[other], found[own], strict=True)
        )
        for other, own, unit in [
            *[
                (f"belenios {group}: verify", f"ours: whole verification, {jobs}", "wall")
                for group in GROUPS
                for jobs in ("1 job", "2 jobs")
            ],
            *[(f"belenios {group}: verify", "ours: whole verification, 1 job", "cpu") for group in GROUPS],
            ("ours: whole verification, 1 job", "bare decoding and sums, one thread", "cpu"),
            ("ours: whole verification, 1 job", "ours: whole verification, 2 jobs", "wall"),
        ]
    }
    rows = [
        (name, middle([each.wall for each in all_]), middle([each.cpu for each in all_]))
        for name, all_ in found.items()
    ]
    rows += [(name, f"{ratio:.2f} times", "") for name, ratio in ratios.items()]
    report(
        "peers",
        f"{QUESTIONS} questions of {ANSWERS} answers; {THEIR_BALLOTS} ballots of theirs, {cast} of ours; "
        f"ms a ballot",
        ("what", "by the clock: median [least … most]", "of processors"),
        rows,
        {
            "machine": where,
            "ballots": cast,
            "rounds": rounds,
            "ms": {
                name: {"wall": [1e3 * e.wall for e in all_], "cpu": [1e3 * e.cpu for e in all_]}
                for name, all_ in found.items()
            },
            "ratios": ratios,
        },
    )


if __name__ == "__main__":
    ballots, rounds = (*sys.argv[1:], "400", "7")[:2] if len(sys.argv) < 3 else sys.argv[1:3]
    main(int(ballots), int(rounds))
