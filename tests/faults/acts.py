"""The acts of a vote whose end is told to somebody, run by themselves in a process that
tests/faults/test_power.py watches.

`python -m tests.faults.acts FOLDER EXTRA|FULL [wait]`. Before each answer would leave, the file FOLDER/told:…
is asked for: it is not there, and the recorder notes the moment. With `wait` it is also said on the standard
output, and a line on the input is waited for.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from surveys.box import gate, sealing
from surveys.box.receiving import receive_ballot
from surveys.disk import make_folder, write_whole
from surveys.protocol.ballot import decode_ballot
from surveys.roll.registrar import destroy_token_keys, issue_token
from tests.box.build import a_vote
from tests.votes import randomness

VOTERS = 6
PAPERS = b"the bundle of a certified count" * 700


def tell(folder: Path, what: str) -> None:
    """The moment at which somebody is promised something."""
    with suppress(FileNotFoundError):
        os.close(os.open(folder / f"told:{what}", os.O_RDONLY))
    if "wait" in sys.argv[3:]:
        sys.stdout.write(f"{what}\n")
        sys.stdout.flush()
        sys.stdin.readline()


def main(folder: Path, synchronous: str) -> None:
    """Freeze, issue, cast, re-vote, shut, seal, destroy the token keys, certify."""
    if synchronous != "EXTRA":

        @event.listens_for(Engine, "begin")
        def as_it_was(connection: Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")

    vote = a_vote(folder / "stores", (VOTERS, VOTERS))
    tell(folder, "frozen")
    keys = vote.keys()
    for number, voter in enumerate(vote.voters[:VOTERS]):
        issue_token(vote.roll, keys, vote.manifest.hash, voter.request)
        tell(folder, f"issued/{voter.request.blinded.hex()}")
        key = decode_ballot(voter.first, vote.manifest).key.hex()
        for sequence, raw in enumerate((voter.first, voter.later)[: 1 + number % 2], 1):
            receive_ballot(vote.box, vote.manifest, raw, vote.box_key, randomness("slot"))
            tell(folder, f"cast/{key}/{sequence}")
    gate.shut(vote.box)
    tell(folder, "shut")
    sealing.seal(vote.box, vote.manifest)
    tell(folder, "sealed")
    destroy_token_keys(vote.roll)
    tell(folder, "destroyed")
    make_folder(folder / "bundles")
    write_whole(folder / "bundles" / "part", folder / "bundles" / "bundle.zip", PAPERS)
    tell(folder, "certified")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
