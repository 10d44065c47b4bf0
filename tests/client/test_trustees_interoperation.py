"""Trustees in Python and in TypeScript hold one ceremony and one count together, and believe nothing
either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import combinations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from surveys.committee.trustee import Cosigning
from surveys.instants import instant_text
from surveys.protocol import canonical, signature
from surveys.protocol.agreement import agreement_hash, encode_agreement
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
from surveys.protocol.certificate import Certified, check_certifying
from surveys.protocol.issuance import decode_issuance
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.deal import _SUITE, Sheet
from surveys.protocol.shares import Share, ShareContext, check_share
from surveys.protocol.tally import Tally, ballots_by_panel, open_sums, solve_all, sums_of
from tests.audit.build import a_vote, board_bytes
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
from tests.opening import AT, LATER
from tests.votes import randomness


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
def cosigned(members: tuple[Member, ...], scene: Scene) -> dict[int, Cosigning]:
    return {i: member.cosign(scene) for i, member in enumerate(members, 1)}


@pytest.fixture(scope="module")
def given(members: tuple[Member, ...], scene: Scene, cosigned: dict[int, Cosigning]) -> dict[int, Share]:
    agreement = [each.cosignature for each in cosigned.values()]
    return {i: member.open(scene, agreement) for i, member in enumerate(members, 1)}


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
    scene: Scene,
    given: dict[int, Share],
    cosigned: dict[int, Cosigning],
    client: Speaker,
    members: tuple[Member, ...],
) -> None:
    manifest, ceremony, plan = scene.manifest, scene.ceremony, scene.plan
    ballots = [decode_ballot(raw, manifest) for raw in scene.board]
    sums = sums_of(manifest, ballots, plan)
    keys = check_keys(ceremony, manifest)
    context = ShareContext(manifest.hash, plan.board, plan.digest)
    for i, each in given.items():
        sign_key = ceremony.commits[i - 1].sign_key
        key = keys.verification_keys[i - 1]
        check_share(each, context, key, sign_key, [alpha for alpha, _ in sums], f"shares[{i}]")
        body = scene.checkpoint.checkpoint.body()
        signature.verify(sign_key, body, cosigned[i].checkpoint, check="10.4", where="cosignature")
        agreed = agreement_hash(manifest.hash, plan.board, plan.digest)
        cosigned[i].cosignature.check(agreed, sign_key, "cosignature")
    by_panel = ballots_by_panel(manifest, ballots)
    most = [sum(by_panel[p] for p in panels) for _, panels in plan.atoms()]
    first = members[0]
    assert isinstance(first, InTypeScript)
    client.say("committee", seed=first.seed.hex(), roll=a_roll(), **scene.as_job())
    found = set()
    for three in combinations(given, THRESHOLD):
        shares = tuple(given[i] for i in three)
        counts = solve_all(open_sums(sums, shares, THRESHOLD), most, 3)
        tally = Tally(plan.digest, sums, shares, counts)
        assert client.say("a tally", raw=tally.encode().hex()) == {"ok": [list(each) for each in counts]}
        found.add(counts)
    assert len(found) == 1
    assert [sum(each) <= n for each, n in zip(found.pop(), most, strict=True)] == [True] * len(most)


def a_roll() -> str:
    return canonical.encode({"format": "tin-nhiem/roll/2", "panels": [], "replaced": []}).decode()


def test_a_ballot_with_a_bad_proof_stops_a_typescript_member(
    members: tuple[Member, ...], scene: Scene
) -> None:
    false = a_false_ballot(scene.manifest)
    requests = decode_issuance(scene.members["issuance.json"]).panels
    other = a_scene(
        scene.manifest, scene.ceremony, scene.board, [each for panel in requests for each in panel], false
    )
    place = f"board[{other.board.index(false)}]"
    for member in (members[0], members[4]):
        answer = refusal(member, "examine", {"members": other.members_json()})
        assert answer["refused"].startswith(f"NotHeld 8.5 {place}")


@pytest.mark.parametrize(
    ("change", "refused"), [("short", "10.2"), ("turned", "10.1"), ("plan", "11.1"), ("roll", "6.3")]
)
def test_a_board_that_is_not_what_it_says_is_refused(
    members: tuple[Member, ...], scene: Scene, change: str, refused: str
) -> None:
    altered = {
        "short": {"board.bin": board_bytes(scene.board[1:])},
        "turned": {"board.bin": board_bytes(scene.board[::-1])},
        "plan": {
            "plan.json": replace(
                scene.plan, contests=(((0, 1, 2, 3, 4, 5),), *scene.plan.contests[1:])
            ).encode()
        },
        "roll": {"roll.json": b'{"format":"tin-nhiem/roll/2","panels":[],"replaced":[]}'},
    }[change]
    other = replace(scene, members={**scene.members, **altered})
    answer = refusal(members[0], "examine", {"members": other.members_json()})
    assert answer["refused"].startswith(f"NotHeld {refused} ")


def test_a_typescript_member_opens_only_with_q_or_with_the_missing_named(
    members: tuple[Member, ...], scene: Scene, cosigned: dict[int, Cosigning]
) -> None:
    first = members[0]
    assert isinstance(first, InTypeScript)
    first.say("examine", members=scene.members_json())

    def opened(
        numbers: tuple[int, ...], absent: str = "[]", now: str = instant_text(LATER)
    ) -> dict[str, str]:
        agreement = encode_agreement([cosigned[i].cosignature for i in numbers]).decode()
        job = {"agreement": agreement, "absent": absent, "now": now, "since": instant_text(AT)}
        return first.client.say("open", seed=first.seed.hex(), trustee="1", **job)

    assert opened((1, 2)) == {"refused": "TooFewCosigned", "why": "3 4 5"}
    assert opened((1, 2, 3)) == {"refused": "TooFewCosigned", "why": "4 5"}
    assert opened((2, 3, 4, 5))["refused"] == "RefusedByTrustee"
    assert opened((1, 2, 3, 4), now="2026-11-02T11:10:00Z") == {"refused": "LookUpTime", "why": "1200"}
    named = json.loads(opened((1, 2, 3), absent="[4, 5]")["ok"])
    assert (named["cosigned"], named["absent"]) == ([1, 2, 3], [4, 5])
    enough = json.loads(opened((1, 2, 3, 4), absent="[5]")["ok"])
    assert (enough["cosigned"], enough["absent"]) == ([1, 2, 3, 4], [])


def test_another_board_under_the_same_manifest_is_refused_after_the_first(
    members: tuple[Member, ...], scene: Scene, given: dict[int, Share]
) -> None:
    """A box that seals twice would have the difference of two boards opened: one ballot."""
    assert given
    requests = [each for p in decode_issuance(scene.members["issuance.json"]).panels for each in p]
    other = a_scene(scene.manifest, scene.ceremony, scene.board[1:], requests)
    first = members[0]
    assert isinstance(first, InTypeScript)
    first.say("examine", members=other.members_json())
    assert "another board" in refusal(first, "cosign", {"at": instant_text(AT)})["why"]
    first.say("examine", members=scene.members_json())


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


def test_a_typescript_member_certifies_only_papers_that_it_has_made_again(client: Speaker) -> None:
    """Over the small vote: its papers are good, and with any of them exchanged nothing is signed."""
    vote = a_vote()
    sheet = vote.sheets[1]
    pdf = b"typeset minutes"
    members = dict(vote.members)
    minutes = json.loads(members["minutes.json"])
    members["minutes.json"] = canonical.encode({**minutes, "pdf": sha256(pdf).hexdigest()})

    def certify(changed: dict[str, bytes], file: bytes = pdf) -> dict[str, Any]:
        listed = json.dumps([[name, raw.hex()] for name, raw in {**members, **changed}.items()])
        return client.say("certify", seed=sheet._seed.hex(), trustee="2", members=listed, pdf=file.hex())

    good = certify({})
    assert "ok" in good, good
    said = good["ok"]
    files = ("results.json", "attendance.json", "minutes.json", "minutes.txt")
    digests = [sha256(members[name]).digest() for name in files]
    certified = Certified(vote.manifest.hash, vote.plan.board, vote.plan.digest, *digests)
    check_certifying(
        certified, vote.ceremony.commits[1].sign_key, bytes.fromhex(said["signature"]), "signature"
    )
    assert said["rows"] == len(vote.definition.contests)
    assert certify({}, b"another file")["refused"] == "RefusedByTrustee"
    everything_frozen = json.loads(members["attendance.json"])
    everything_frozen["frozen"] = [{"contest": c, "reason": "x"} for c in range(5)]
    for changed, check in (
        ({"minutes.txt": members["minutes.txt"] + b"\n"}, "13.5"),
        ({"attendance.json": canonical.encode(everything_frozen)}, "13.3"),
        ({"results.json": members["results.json"].replace(b'"outcome":"', b'"outcome":"x', 1)}, "13.3"),
        ({"tally.json": a_vote("second").members["tally.json"]}, "12.1"),
        ({"agreement.json": a_vote("second").members["agreement.json"]}, "11.3"),
    ):
        assert certify(changed)["refused"].startswith(f"NotHeld {check} "), check
