"""Trustees in Python and in TypeScript hold one ceremony and one count together, and believe nothing either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from surveys.committee.trustee import Contribution
from surveys.protocol import canonical, signature
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.ceremony import (
    Ceremony,
    Deal,
    commits_hash,
    deal_message,
    election_keys,
    share_info,
)
from surveys.protocol.ceremony_checks import check_complete, check_confirm, check_keys, check_rehearsal
from surveys.protocol.certificate import Certified, decode_certificate
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.deal import _SUITE, Sheet
from surveys.protocol.shares import ShareContext, check_share
from surveys.protocol.tally import Tally, ballots_by_panel, open_sums, solve_all, sums_of
from tests.audit.build import randomness
from tests.client.committee_of_two import (
    THRESHOLD,
    InTypeScript,
    Member,
    Scene,
    a_ceremony_of,
    a_committee,
    a_count_of,
    a_definition_of_five,
    a_false_ballot,
    a_scene,
)
from tests.client.node import Speaker, speaker


@pytest.fixture(scope="module")
def client() -> Iterator[Speaker]:
    with speaker() as running:
        yield running


@pytest.fixture(scope="module")
def members(client: Speaker) -> tuple[Member, ...]:
    return a_committee(client)


@pytest.fixture(scope="module")
def scene(members: tuple[Member, ...]) -> Scene:
    return a_count_of(*a_ceremony_of(members, a_definition_of_five()))


@pytest.fixture(scope="module")
def given(members: tuple[Member, ...], scene: Scene) -> dict[int, Contribution]:
    return {i: member.count(scene) for i, member in enumerate(members, 1)}


def refusal(member: Member, job: str, values: dict[str, str]) -> dict[str, str]:
    """What a TypeScript trustee answers."""
    assert isinstance(member, InTypeScript)
    answer = member.client.say(job, seed=member.seed.hex(), trustee=str(member.trustee), **values)
    assert "ok" not in answer
    return answer


def test_a_mixed_committee_holds_the_ceremony(scene: Scene) -> None:
    ceremony, manifest = scene.ceremony, scene.manifest
    check_complete(ceremony, manifest.definition)
    keys = check_keys(ceremony, manifest)
    for confirm in ceremony.confirms:
        check_confirm(confirm, keys, ceremony.commits[confirm.trustee - 1].sign_key, manifest)
    check_rehearsal(ceremony.confirms, keys, THRESHOLD)


def test_a_trustee_says_the_same_in_either_language(members: tuple[Member, ...], scene: Scene) -> None:
    """Commit, confirmation and share follow from the seed alone: the other language gives the same bytes."""
    for member, confirm in zip(members, scene.ceremony.confirms, strict=True):
        if isinstance(member, InTypeScript):
            sheet = Sheet(member.seed, scene.manifest.definition, 1, member.trustee)
            keys = check_keys(scene.ceremony, scene.manifest)
            assert sheet.commit() == scene.ceremony.commits[member.trustee - 1]
            assert (
                sheet.confirm(scene.ceremony.commits, scene.ceremony.deals, keys, scene.manifest) == confirm
            )


def test_every_three_of_a_mixed_committee_open_the_same_counts(
    scene: Scene, given: dict[int, Contribution], client: Speaker, members: tuple[Member, ...]
) -> None:
    manifest, ceremony, plan = scene.manifest, scene.ceremony, scene.plan
    ballots = [decode_ballot(raw, manifest) for raw in scene.board]
    sums = sums_of(manifest, ballots, plan)
    keys = check_keys(ceremony, manifest)
    context = ShareContext(manifest.hash, plan.board, plan.digest)
    for i, each in given.items():
        sign_key = ceremony.commits[i - 1].sign_key
        key = keys.verification_keys[i - 1]
        check_share(each.share, context, key, sign_key, [alpha for alpha, _ in sums], f"shares[{i}]")
        body = scene.checkpoint.checkpoint.body()
        signature.verify(sign_key, body, each.cosignature, check="10.4", where="cosignature")
    by_panel = ballots_by_panel(manifest, ballots)
    most = [sum(by_panel[p] for p in panels) for _, panels in plan.atoms()]
    first = members[0]
    assert isinstance(first, InTypeScript)
    client.say("committee", seed=first.seed.hex(), roll=a_roll(), **scene.as_job())
    found = set()
    for three in combinations(given, THRESHOLD):
        shares = tuple(given[i].share for i in three)
        counts = solve_all(open_sums(sums, shares, THRESHOLD), most, 3)
        tally = Tally(plan.digest, sums, shares, counts)
        assert client.say("a tally", raw=tally.encode().hex()) == {"ok": [list(each) for each in counts]}
        found.add(counts)
    assert len(found) == 1
    assert [sum(each) <= n for each, n in zip(found.pop(), most, strict=True)] == [True] * len(most)


def a_roll() -> str:
    return canonical.encode({"format": "tin-nhiem/roll/1", "panels": [], "replaced": []}).decode()


def test_a_share_is_the_same_each_time_and_with_few_proofs_checked(
    members: tuple[Member, ...], scene: Scene, given: dict[int, Contribution]
) -> None:
    first = members[0]
    assert isinstance(first, InTypeScript)
    answer = json.loads(first.say("count", proofs="3", **scene.as_job()))
    assert answer["share"].encode() == canonical.encode(given[1].share.as_json())


def test_a_ballot_with_a_bad_proof_stops_a_typescript_trustee(
    members: tuple[Member, ...], scene: Scene
) -> None:
    false = a_false_ballot(scene.manifest)
    other = a_scene(scene.manifest, scene.ceremony, [*scene.board, false])
    place = f"board[{other.board.index(false)}]"
    for member in (members[0], members[4]):
        answer = refusal(member, "count", other.as_job())
        assert answer == {"refused": f"BadProof 8.5 {place}.contests[0]"}


def test_a_board_that_is_not_the_checkpoint_s_is_refused(members: tuple[Member, ...], scene: Scene) -> None:
    short = replace(scene, board=scene.board[1:])
    assert "checkpoint" in refusal(members[0], "count", short.as_job())["why"]
    turned = replace(scene, board=scene.board[::-1])
    assert "sorted" in refusal(members[0], "count", turned.as_job())["why"]


def test_a_second_plan_is_refused(members: tuple[Member, ...], scene: Scene) -> None:
    merged = replace(scene.plan, contests=(((0, 1, 2, 3, 4, 5),), *scene.plan.contests[1:]))
    answer = refusal(members[2], "count", replace(scene, plan=merged).as_job())
    assert "the one that follows" in answer["why"]


def test_another_board_under_the_same_manifest_is_refused_after_the_first(
    members: tuple[Member, ...], scene: Scene, given: dict[int, Contribution]
) -> None:
    """A box that seals twice would have the difference of two boards opened: one ballot."""
    assert given
    other = a_scene(scene.manifest, scene.ceremony, scene.board[1:])
    assert "another plan" in refusal(members[0], "count", other.as_job())["why"]


def test_a_deal_left_out_is_refused_before_anything_is_confirmed(
    members: tuple[Member, ...], scene: Scene
) -> None:
    """Else the server would make a manifest of its own dealer's key alone, and read every ballot."""
    definition, ceremony = scene.manifest.definition, scene.ceremony
    few = ceremony.deals[1:2]
    keys = election_keys(definition.digest, 1, ceremony.commits, few)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    job = {
        "manifest": manifest.encode().decode(),
        "commits": json.dumps([commit.as_json() for commit in ceremony.commits]),
        "deals": json.dumps([deal.as_json() for deal in few]),
    }
    assert refusal(members[0], "confirm", job) == {"refused": "Missing 5.1 ceremony.deals"}


def test_a_commit_in_its_own_name_by_another_is_refused(members: tuple[Member, ...], scene: Scene) -> None:
    """A ceremony that the server has made up alone, with the trustee's name in it, is not confirmed."""
    definition = scene.manifest.definition
    take = randomness("the server's own")
    sheets = [Sheet(take(32), definition, 1, i) for i in range(1, 6)]
    commits = tuple(sheet.commit() for sheet in sheets)
    deals = tuple(sheet.deal(commits) for sheet in sheets)
    keys = election_keys(definition.digest, 1, commits, deals)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    listed = json.dumps([commit.as_json() for commit in commits])
    job = {"manifest": manifest.encode().decode(), "commits": listed}
    job |= {"deals": json.dumps([deal.as_json() for deal in deals])}
    assert refusal(members[0], "confirm", job)["refused"] == "RefusedByTrustee"
    text = canonical.encode(definition.as_json()).decode()
    assert (
        refusal(members[0], "deal", {"definition": text, "commits": listed})["refused"] == "RefusedByTrustee"
    )


def test_a_dealer_with_a_wrong_share_is_named(members: tuple[Member, ...], scene: Scene) -> None:
    """Trustee 2 deals trustee 1 a share of another polynomial, and signs it."""
    definition, ceremony = scene.manifest.definition, scene.ceremony
    dealer = members[1]
    assert not isinstance(dealer, InTypeScript)
    sheet = dealer.inner._sheet(definition, 1)
    honest = ceremony.deals[1]
    for shares, refused in (
        ((honest.shares[1], *honest.shares[1:]), "Rejected 5.5 deals[1].shares[0]"),
        ((another_share(sheet, ceremony), *honest.shares[1:]), "BadProof 5.5 deals[1].shares[0]"),
    ):
        bad = signed_again(sheet, ceremony, replace(honest, shares=shares))
        deals = (ceremony.deals[0], bad, *ceremony.deals[2:])
        keys = election_keys(definition.digest, 1, ceremony.commits, deals)
        manifest = Manifest(definition, keys.election_key, keys.ceremony)
        job = {
            "manifest": manifest.encode().decode(),
            "commits": json.dumps([commit.as_json() for commit in ceremony.commits]),
            "deals": json.dumps([deal.as_json() for deal in deals]),
        }
        assert refusal(members[0], "confirm", job) == {"refused": refused}


def another_share(sheet: Sheet, ceremony: Ceremony) -> bytes:
    """A scalar that fits nothing, sealed for trustee 1."""
    hashed = commits_hash(a_definition_of_five().digest, 1, ceremony.commits)
    key = X25519PublicKey.from_public_bytes(ceremony.commits[0].hpke_key)
    return _SUITE.encrypt((5).to_bytes(32, "little"), key, info=share_info(hashed, sheet.trustee, 1))


def signed_again(sheet: Sheet, ceremony: Ceremony, deal: Deal) -> Deal:
    hashed = commits_hash(a_definition_of_five().digest, 1, ceremony.commits)
    return replace(deal, signature=sheet.sign(deal_message(hashed, deal.trustee, deal.unsigned_json())))


def test_a_certificate_by_a_typescript_trustee_holds(members: tuple[Member, ...], scene: Scene) -> None:
    hashes = [scene.manifest.hash, scene.plan.board, scene.plan.digest, *(bytes([i]) * 32 for i in range(4))]
    job = {"manifest": scene.manifest.encode().decode(), "ceremony": scene.ceremony.encode().decode()}
    listed = json.dumps([each.hex() for each in hashes])
    assert isinstance(members[0], InTypeScript)
    certificate = decode_certificate(members[0].say("certify", hashes=listed, **job).encode())
    certificate.check(Certified(*hashes), scene.ceremony.commits[0].sign_key)
    other = json.dumps([each.hex() for each in [bytes(32), *hashes[1:]]])
    assert refusal(members[0], "certify", {**job, "hashes": other})["refused"] == "RefusedByTrustee"
