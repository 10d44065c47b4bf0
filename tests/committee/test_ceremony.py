"""The key ceremony on the server and at each trustee's desk (docs/protocol.md §5): order, repetition, faulty
dealers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from surveys.committee import ceremony
from surveys.committee.errors import ForeignTrustee, RefusedByTrustee, StaleMessage, TooEarly
from surveys.committee.trustee import Trustee
from surveys.protocol.ceremony import (
    Ceremony,
    Commit,
    Deal,
    deal_message,
    election_keys,
    rehearsal_ciphertext,
)
from surveys.protocol.ceremony_checks import check_keys
from surveys.protocol.errors import Missing, Rejected
from surveys.protocol.group import BASE, Scalar, base_multiply
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.shares import interpolate
from surveys.stores.engines import Engines
from tests.published import a_definition

SEEDS = [bytes([i]) * 32 for i in (1, 2, 3)]


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    made = Engines(tmp_path)
    made.migrate_app()
    yield made
    made.close()


@pytest.fixture(scope="module")
def definition() -> Definition:
    return a_definition()


def trustees(definition: Definition) -> list[Trustee]:
    return [Trustee(seed, i) for i, seed in enumerate(SEEDS, start=1)]


def commit_all(engines: Engines, definition: Definition) -> tuple[Commit, ...]:
    for trustee in trustees(definition):
        ceremony.accept_commit(engines.app, definition, 1, trustee.commit(definition, 1))
    return ceremony.commits_of(engines.app, definition, 1)


def deal_all(engines: Engines, definition: Definition, commits: Sequence[Commit]) -> tuple[Deal, ...]:
    for trustee in trustees(definition):
        ceremony.accept_deal(engines.app, definition, 1, trustee.deal(definition, 1, commits))
    return ceremony.record(engines.app, definition, 1).deals


def manifest_of(engines: Engines, definition: Definition) -> Manifest:
    keys = ceremony.keys_of(engines.app, definition, 1)
    return Manifest(definition, keys.election_key, keys.ceremony)


def test_three_rounds_make_a_key_that_any_two_of_three_can_use(
    engines: Engines, definition: Definition
) -> None:
    commits = commit_all(engines, definition)
    deals = deal_all(engines, definition, commits)
    manifest = manifest_of(engines, definition)
    for trustee in trustees(definition):
        ceremony.accept_confirm(engines.app, manifest, 1, trustee.confirm(manifest, 1, commits, deals))
    confirms = ceremony.finished(engines.app, manifest, 1).confirms
    _, beta = rehearsal_ciphertext(manifest.ceremony, manifest.election_key)
    for pair in combinations(confirms, 2):
        assert beta - interpolate({each.trustee: each.share for each in pair}) == BASE
    for alone in confirms:
        assert beta - interpolate({alone.trustee: alone.share}) != BASE


def test_the_same_message_again_changes_nothing_and_another_is_refused(
    engines: Engines, definition: Definition
) -> None:
    first = Trustee(SEEDS[0], 1).commit(definition, 1)
    ceremony.accept_commit(engines.app, definition, 1, first)
    ceremony.accept_commit(engines.app, definition, 1, first)
    with pytest.raises(StaleMessage):
        ceremony.accept_commit(engines.app, definition, 1, Trustee(SEEDS[1], 1).commit(definition, 1))
    assert ceremony.commits_of(engines.app, definition, 1) == (first,)


def test_nobody_deals_before_all_have_committed(engines: Engines, definition: Definition) -> None:
    """A dealer who saw others' commitments first could choose the key."""
    everybody = [trustee.commit(definition, 1) for trustee in trustees(definition)]
    for commit in everybody[:2]:
        ceremony.accept_commit(engines.app, definition, 1, commit)
    deal = Trustee(SEEDS[0], 1).deal(definition, 1, everybody)
    with pytest.raises(TooEarly) as caught:
        ceremony.accept_deal(engines.app, definition, 1, deal)
    assert caught.value.waiting_for == (3,)
    ceremony.accept_commit(engines.app, definition, 1, everybody[2])
    ceremony.accept_deal(engines.app, definition, 1, deal)


def test_a_deal_that_does_not_open_the_commitment_is_named(engines: Engines, definition: Definition) -> None:
    """The rushing dealer: commits to one polynomial and deals another."""
    commits = commit_all(engines, definition)
    honest = Sheet(SEEDS[0], definition, 1, 1)
    other = Sheet(bytes(32), definition, 1, 1).deal(commits)
    forged = replace(other, signature=b"")
    signed = replace(
        forged,
        signature=honest.sign(deal_message(_commits_hash(definition, commits), 1, forged.unsigned_json())),
    )
    with pytest.raises(Rejected) as caught:
        ceremony.accept_deal(engines.app, definition, 1, signed)
    assert (caught.value.check, caught.value.where) == ("5.3", "deals[0].points")


def _commits_hash(definition: Definition, commits: Sequence[Commit]) -> bytes:
    from surveys.protocol.ceremony import commits_hash

    return commits_hash(definition.digest, 1, commits)


def test_a_wrong_share_names_its_dealer_at_the_desk_of_who_gets_it(
    engines: Engines, definition: Definition
) -> None:
    commits = commit_all(engines, definition)
    deals = list(deal_all(engines, definition, commits))
    swapped = (deals[0].shares[0], deals[0].shares[2], deals[0].shares[1])
    dealer = Sheet(SEEDS[0], definition, 1, 1)
    bad = replace(deals[0], shares=swapped)
    bad = replace(
        bad, signature=dealer.sign(deal_message(_commits_hash(definition, commits), 1, bad.unsigned_json()))
    )
    with pytest.raises(Rejected) as caught:
        Sheet(SEEDS[1], definition, 1, 2).secret_share(commits, [bad, *deals[1:]])
    assert (caught.value.check, caught.value.where) == ("5.5", "deals[0].shares[1]")


def test_messages_of_another_attempt_are_refused(engines: Engines, definition: Definition) -> None:
    with pytest.raises(Rejected) as caught:
        ceremony.accept_commit(engines.app, definition, 2, Trustee(SEEDS[0], 1).commit(definition, 1))
    assert caught.value.check == "5.2"


def test_a_stranger_is_refused(engines: Engines, definition: Definition) -> None:
    commit = replace(Trustee(SEEDS[0], 1).commit(definition, 1), trustee=4)
    with pytest.raises(ForeignTrustee):
        ceremony.accept_commit(engines.app, definition, 1, commit)


def test_two_trustees_with_one_sheet_are_refused(engines: Engines, definition: Definition) -> None:
    first = Sheet(SEEDS[0], definition, 1, 1).commit()
    ceremony.accept_commit(engines.app, definition, 1, first)
    copied = replace(Sheet(SEEDS[0], definition, 1, 2).commit(), hpke_key=first.hpke_key)
    with pytest.raises(Rejected) as caught:
        ceremony.accept_commit(engines.app, definition, 1, copied)
    assert caught.value.check == "5.2"


def test_a_trustee_confirms_only_a_manifest_with_the_key_of_its_ceremony(
    engines: Engines, definition: Definition
) -> None:
    commits = commit_all(engines, definition)
    deals = deal_all(engines, definition, commits)
    true = manifest_of(engines, definition)
    for wrong in (
        Manifest(definition, base_multiply(Scalar(7)), true.ceremony),
        Manifest(definition, true.election_key, bytes(32)),
    ):
        with pytest.raises(Rejected) as caught:
            Trustee(SEEDS[0], 1).confirm(wrong, 1, commits, deals)
        assert caught.value.check == "5.5"


def test_a_trustee_whose_commit_was_replaced_deals_nothing(definition: Definition) -> None:
    commits = [trustee.commit(definition, 1) for trustee in trustees(definition)]
    commits[0] = Sheet(bytes(32), definition, 1, 1).commit()
    with pytest.raises(RefusedByTrustee):
        Trustee(SEEDS[0], 1).deal(definition, 1, commits)


def test_a_lost_device_loses_nothing(engines: Engines, definition: Definition) -> None:
    """Seed and public record are enough: a trustee made anew goes on where the old one stopped."""
    commits = commit_all(engines, definition)
    deals = deal_all(engines, definition, commits)
    manifest = manifest_of(engines, definition)
    again = [Trustee(SEEDS[0], 1).confirm(manifest, 1, commits, deals) for _ in range(2)]
    assert again[0] == again[1]


def test_a_manifest_of_one_dealers_key_alone_is_not_confirmed(
    engines: Engines, definition: Definition
) -> None:
    """Else the server would show one dealer's deal only, and that dealer would read every ballot."""
    commits = commit_all(engines, definition)
    deals = deal_all(engines, definition, commits)
    keys = election_keys(definition.digest, 1, commits, deals[:1])
    assert keys.election_key == deals[0].points[0]  # what this dealer knows alone
    small = Manifest(definition, keys.election_key, keys.ceremony)
    check_keys(
        Ceremony(1, commits, deals[:1], ()), small
    )  # the twin: without counting the deals nothing is wrong
    for trustee in trustees(definition):
        with pytest.raises(Missing, match=r"5\.1.*ceremony\.deals"):
            trustee.confirm(small, 1, commits, deals[:1])


def test_a_ceremony_that_the_server_made_up_alone_is_not_confirmed(definition: Definition) -> None:
    own = Trustee(SEEDS[0], 1).commit(definition, 1)
    strangers = [Sheet(bytes([9 + i]) * 32, definition, 1, i) for i in (1, 2, 3)]
    commits = tuple(sheet.commit() for sheet in strangers)
    deals = tuple(sheet.deal(commits) for sheet in strangers)
    keys = election_keys(definition.digest, 1, commits, deals)
    made_up = Manifest(definition, keys.election_key, keys.ceremony)
    assert commits[0] != own
    with pytest.raises(RefusedByTrustee, match="another commit in its name"):
        Trustee(SEEDS[0], 1).confirm(made_up, 1, commits, deals)
