"""Forged bundles of every kind that the protocol names: both verifiers refuse them, by the same check.

What stands here and in tests/attacks/hostile.py is counted by kind at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.attacks.hostile import UNCANONICAL, altered_headers, bent, forms_of, zipped
from tests.attacks.kinds import Table
from tests.attacks.kinds.agreements import ABSENCES, COSIGNATURES
from tests.attacks.kinds.certificates import CERTIFICATES
from tests.attacks.kinds.evidence import LOOK_UPS, RECEIPTS, judged, look, sealed, tracker_of, veiled
from tests.attacks.kinds.letters import LET_IN, LETTERS, stated
from tests.attacks.kinds.plans import LISTS, PLANS
from tests.audit.build import a_vote
from tests.audit.verdicts import QUICK, failed
from tests.client.node import Speaker, speaker

TABLES: dict[str, Table] = {
    "refused characters": LETTERS,
    "lists": LISTS,
    "plans": PLANS,
    "cosignatures": COSIGNATURES,
    "absence statements": ABSENCES,
    "certificates": CERTIFICATES,
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_forged_bundle_of_each_kind_is_refused_by_its_check(kind: str, tmp_path: Path) -> None:
    vote = a_vote()
    wrong = {}
    for name, (check, forge) in TABLES[kind].items():
        members = forge(vote)
        assert members != vote.members, name
        found = failed(members, tmp_path, QUICK)
        if found[:1] != (check,):
            wrong[name] = (check, found)
    assert wrong == {}


def test_the_neighbours_of_what_is_refused_are_let_in(tmp_path: Path) -> None:
    for code in LET_IN:
        assert failed(stated(chr(code))(a_vote()), tmp_path, QUICK) == (), hex(code)


@pytest.fixture(scope="module")
def client() -> Iterator[Speaker]:
    """The core in TypeScript, which has this vote's manifest."""
    with speaker() as running:
        running.say("manifest", raw=a_vote().members["manifest.json"].hex())
        yield running


def test_a_receipt_is_judged_alike_by_the_command_and_by_the_page(client: Speaker) -> None:
    vote = a_vote()
    bucket = json.dumps(sealed(vote))
    for name, (verdict, write) in RECEIPTS.items():
        text = write(vote)
        page = client.say("judged", text=text, bucket=bucket)
        assert judged(text, vote) == verdict, name
        # A look-up cannot tell what its voter replaced from what is missing.
        assert page == {"ok": "missing" if verdict == "replaced" else verdict}, name


def test_a_look_up_that_is_answered_falsely_is_refused_alike(client: Speaker) -> None:
    vote = a_vote()
    tracker = tracker_of(vote)
    for honest, place in ((sealed(vote, 5, 10), "board"), (veiled(vote), "box")):
        assert look(honest, tracker, vote.manifest) == place
        assert client.say("look", bucket=json.dumps(honest), tracker=tracker.hex()) == {"ok": place}
    for name, (said, make) in LOOK_UPS.items():
        bucket = make(vote)
        page = client.say("look", bucket=json.dumps(bucket), tracker=tracker.hex())
        assert look(bucket, tracker, vote.manifest) == said, name
        assert page.get("ok") == said or page.get("refused", " ").split(" ")[1] == said, (name, page)


KINDS = (
    "zip",
    "JSON",
    "refused characters",
    "lists",
    "plans",
    "cosignatures",
    "certificates",
    "receipts",
    "absence statements",
    "look-up buckets",
)


def counted_by_kind() -> dict[str, int]:
    """How many ways to forge stand here and in hostile.py; one that is tried on ten members counts once."""
    members = a_vote().members
    good = zipped(members)
    zips = [*altered_headers(good), *bent(good), *forms_of(members["plan.json"])]
    tables = {kind: len(table) for kind, table in TABLES.items()}
    evidence = {"receipts": len(RECEIPTS), "look-up buckets": len(LOOK_UPS)}
    return {"zip": len(zips), "JSON": len(UNCANONICAL), **tables, **evidence}


def test_every_named_kind_has_its_forgeries(record_property: Callable[[str, object], None]) -> None:
    counted = counted_by_kind()
    assert set(counted) == set(KINDS)
    assert min(counted.values()) >= 25, counted
    assert sum(counted.values()) >= 400, counted
    record_property("forgeries", counted)
