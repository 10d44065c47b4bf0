"""A trustee or server who cheats in the key ceremony: the record shows it, and names the clause.

The manifest is remade over each forged record, so that only the check that is meant to notice comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from surveys.protocol.ceremony import (
    Ceremony,
    Commit,
    Deal,
    PossessionProof,
    commit_message,
    commitment,
    commits_hash,
    confirm_message,
    deal_message,
    election_keys,
    possession_challenge,
    possession_statement,
)
from surveys.protocol.group import BASE, Point, Scalar, base_multiply
from surveys.protocol.manifest import Manifest
from tests.audit.build import Vote, a_ceremony, a_vote
from tests.audit.verdicts import failed, without

SECRET = Scalar(123456789)


def _members(vote: Vote, ceremony: Ceremony) -> dict[str, bytes]:
    """The bundle with this record and the manifest that follows from it."""
    keys = election_keys(vote.definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)
    manifest = Manifest(vote.definition, keys.election_key, keys.ceremony)
    return {**vote.members, "manifest.json": manifest.encode(), "ceremony.json": ceremony.encode()}


def _commit(vote: Vote, trustee: int, points: tuple[Point, ...]) -> Commit:
    """A trustee's commit to any points."""
    sheet, d = vote.sheets[trustee - 1], vote.definition.digest
    own = sheet.commit()
    hashed = commitment(d, 1, trustee, points)
    message = commit_message(d, 1, trustee, own.hpke_key, own.sign_key, hashed)
    return replace(own, commitment=hashed, signature=sheet.sign(message))


def _deal(vote: Vote, commits: tuple[Commit, ...], like: Deal, points: tuple[Point, ...]) -> Deal:
    """The trustee's deal of any points, signed, with proofs of possession by a nonce and no secret."""
    hashed, sheet = commits_hash(vote.definition.digest, 1, commits), vote.sheets[like.trustee - 1]
    proofs = []
    for j, point in enumerate(points):
        r = base_multiply(Scalar(99))
        c = possession_challenge(possession_statement(hashed, like.trustee, j, point), r)
        proofs.append(PossessionProof(r, Scalar(99) + c * SECRET))
    deal = replace(like, points=points, proofs=tuple(proofs))
    return replace(deal, signature=sheet.sign(deal_message(hashed, like.trustee, deal.unsigned_json())))


def test_a_dealer_who_cancels_the_others_cannot_prove_to_know_the_coefficient(tmp_path: Path) -> None:
    vote = a_vote()
    one, two, three = vote.ceremony.deals
    # The sum of all three is a key that the third knows alone.
    rogue = base_multiply(SECRET) - one.points[0] - two.points[0]
    points = (rogue, *three.points[1:])
    commits = (*vote.ceremony.commits[:2], _commit(vote, 3, points))
    sheets = vote.sheets
    deals = (sheets[0].deal(commits), sheets[1].deal(commits), _deal(vote, commits, three, points))
    members = _members(vote, Ceremony(1, commits, deals, vote.ceremony.confirms))
    keys = election_keys(vote.definition.digest, 1, commits, deals)
    assert keys.election_key == base_multiply(SECRET)
    assert failed(members, tmp_path)[0] == "5.4"
    # The twin: nothing before the trustees' own shares would notice.
    assert failed(members, tmp_path, without("5.4"))[0] == "5.6"


def test_a_dealer_who_waits_for_the_others_cannot_open_another_commitment(tmp_path: Path) -> None:
    vote = a_vote()
    three = vote.ceremony.deals[2]
    points = (three.points[0] + BASE, *three.points[1:])
    late = _deal(vote, vote.ceremony.commits, three, points)
    members = _members(vote, replace(vote.ceremony, deals=(*vote.ceremony.deals[:2], late)))
    assert failed(members, tmp_path)[0] == "5.3"


def test_one_person_cannot_be_two_trustees(tmp_path: Path) -> None:
    vote = a_vote()
    one, two, three = vote.ceremony.commits
    d, sheet = vote.definition.digest, vote.sheets[0]
    message = commit_message(d, 1, 2, two.hpke_key, one.sign_key, two.commitment)
    same = replace(two, sign_key=one.sign_key, signature=sheet.sign(message))
    members = _members(vote, replace(vote.ceremony, commits=(one, same, three)))
    assert failed(members, tmp_path)[0] == "5.2"


def test_a_deal_over_other_commits_is_refused(tmp_path: Path) -> None:
    vote, other = a_vote(), a_vote("second")
    members = _members(
        vote, replace(vote.ceremony, deals=(other.ceremony.deals[0], *vote.ceremony.deals[1:]))
    )
    assert failed(members, tmp_path)[0] == "5.3"


def test_another_election_key_in_the_manifest_is_refused(tmp_path: Path) -> None:
    vote = a_vote()
    for manifest in (
        replace(vote.manifest, election_key=base_multiply(SECRET)),
        replace(vote.manifest, ceremony=bytes(32)),
    ):
        assert failed({**vote.members, "manifest.json": manifest.encode()}, tmp_path)[0] == "5.5"


def test_a_definition_changed_after_the_ceremony_is_refused(tmp_path: Path) -> None:
    vote = a_vote()
    for definition in (
        replace(vote.definition, k=5),
        replace(vote.definition, title_vi="Khác"),
        replace(vote.definition, box_key=bytes(31) + b"\x01"),
        replace(
            vote.definition,
            panels=(replace(vote.definition.panels[0], roll=bytes(32)), *vote.definition.panels[1:]),
        ),
    ):
        manifest = replace(vote.manifest, definition=definition)
        assert failed({**vote.members, "manifest.json": manifest.encode()}, tmp_path)[0] == "5.2"


def test_a_confirmation_of_another_ceremony_is_refused(tmp_path: Path) -> None:
    vote, other = a_vote(), a_vote("second")
    confirms = (other.ceremony.confirms[0], *vote.ceremony.confirms[1:])
    members = {**vote.members, "ceremony.json": replace(vote.ceremony, confirms=confirms).encode()}
    assert failed(members, tmp_path)[:2] == ("5.6", "5.7")


def test_a_confirmation_with_a_wrong_rehearsal_share_is_refused_twice(tmp_path: Path) -> None:
    vote = a_vote()
    own = vote.ceremony.confirms[2]
    wrong = own.share + BASE
    message = confirm_message(vote.keys.ceremony, vote.manifest.hash, 3, wrong, own.proof)
    forged = replace(own, share=wrong, signature=vote.sheets[2].sign(message))
    confirms = (*vote.ceremony.confirms[:2], forged)
    members = {**vote.members, "ceremony.json": replace(vote.ceremony, confirms=confirms).encode()}
    assert failed(members, tmp_path) == ("5.6", "5.7")
    assert failed(members, tmp_path, without("5.6")) == ("5.7",)
    assert failed(members, tmp_path, without("5.6", "5.7")) == ()


def _spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("kind", ["short", "long", "exponent 3", "elliptic", "bytes behind", "nothing"])
def test_a_token_key_that_is_not_by_7_1_is_refused_even_if_everybody_confirmed_it(
    kind: str, tmp_path: Path
) -> None:
    vote = a_vote()
    good = vote.definition.panels[0].token_key
    made: dict[str, Callable[[], bytes]] = {
        "short": lambda: _spki(rsa.generate_private_key(65537, 1024)),
        "long": lambda: _spki(rsa.generate_private_key(65537, 2056)),
        "exponent 3": lambda: _spki(rsa.generate_private_key(3, 2048)),
        "elliptic": lambda: _spki(ec.generate_private_key(ec.SECP256R1())),
        "bytes behind": lambda: good + b"\0",
        "nothing": lambda: b"\0",
    }
    key = made[kind]()
    panels = (replace(vote.definition.panels[0], token_key=key), *vote.definition.panels[1:])
    manifest, ceremony, _, _ = a_ceremony(replace(vote.definition, panels=panels), "again")
    members = {**vote.members, "manifest.json": manifest.encode(), "ceremony.json": ceremony.encode()}
    assert failed(members, tmp_path)[0] == "7.1"
