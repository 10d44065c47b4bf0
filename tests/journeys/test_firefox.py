"""The voter's whole way once more in Firefox: another engine, another cryptography library underneath, the
same ballot.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from surveys.box.board import Whereabouts, find_tracker
from surveys.names import RoundId
from surveys.protocol.codes import read_code
from tests.client.node import node
from tests.journeys.polls import SURVEY, open_polls


def test_a_voter_goes_the_whole_way_in_firefox(tmp_path: Path) -> None:
    found = next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), None)
    if found is None:
        said = "NO FIREFOX: the voter's way in a second browser did not run"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with open_polls(tmp_path) as polls:
        done = node("tests/firefox.ts", found, polls.booth, polls.slip())
        assert done.returncode == 0, done.stderr
        tracker = read_code(done.stdout.strip())
        assert (
            find_tracker(polls.stores.engines.box(RoundId(SURVEY.hex())), tracker) is Whereabouts.IN_THE_BOX
        )
