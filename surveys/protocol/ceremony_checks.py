"""Reading and checking a ceremony (docs/protocol.md 5.1-5.7), message by message or as a finished record.

Each check raises with the clause and the trustee it concerns, so that a faulty dealer is named. Danger:
checks are ordered; a later one takes for granted what the earlier ones have shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import (
    CEREMONY_FORMAT,
    SHARE_BYTES,
    Ceremony,
    Commit,
    Confirm,
    Deal,
    ElectionKeys,
    PossessionProof,
    commit_message,
    commitment,
    commits_hash,
    confirm_challenge,
    confirm_message,
    confirm_statement,
    deal_message,
    election_keys,
    possession_challenge,
    possession_statement,
    rehearsal_ciphertext,
)
from surveys.protocol.dleq import decode_dleq
from surveys.protocol.errors import BadProof, Duplicate, Inconsistent, Malformed, Missing
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.shares import interpolate


def read_commit(fields: Fields) -> Commit:
    """Parse a message of 5.2."""
    commit = Commit(
        fields.integer("trustee", 1, 15),
        fields.hex("hpke_key", 32),
        fields.hex("sign_key", 32),
        fields.hex("commitment", 32),
        fields.hex("signature", 64),
    )
    fields.done()
    return commit


def read_deal(fields: Fields) -> Deal:
    """Parse a message of 5.3; no point may be O."""
    check, where = fields.check, fields.where
    deal = Deal(
        trustee=fields.integer("trustee", 1, 15),
        points=tuple(
            Point.decode(raw, check=check, where=f"{where}.points[{j}]")
            for j, raw in enumerate(fields.hexes("points", 14, 32))
        ),
        proofs=tuple(_read_possession(each) for each in fields.objects("proofs", 14)),
        shares=tuple(fields.hexes("shares", 15, SHARE_BYTES)),
        signature=fields.hex("signature", 64),
    )
    fields.done()
    return deal


def _read_possession(fields: Fields) -> PossessionProof:
    proof = PossessionProof(
        Point.decode(fields.hex("commitment", 32), check=fields.check, where=f"{fields.where}.commitment"),
        Scalar.decode(fields.hex("response", 32), check=fields.check, where=f"{fields.where}.response"),
    )
    fields.done()
    return proof


def read_confirm(fields: Fields) -> Confirm:
    """Parse a message of 5.6."""
    confirm = Confirm(
        fields.integer("trustee", 1, 15),
        Point.decode(fields.hex("share", 32), check=fields.check, where=f"{fields.where}.share"),
        decode_dleq(fields.object("proof")),
        fields.hex("signature", 64),
    )
    fields.done()
    return confirm


def decode_ceremony(raw: bytes) -> Ceremony:
    """Parse a record strictly (5.8). Raises Malformed(check="5.1")."""
    fields = Fields(canonical.decode(raw, check="5.1", where="ceremony"), check="5.1", where="ceremony")
    if fields.text("format", 100) != CEREMONY_FORMAT:
        raise Malformed(check="5.1", where="ceremony.format", why=f"not {CEREMONY_FORMAT}")
    ceremony = Ceremony(
        attempt=fields.integer("attempt", 1, 2**32 - 1),
        commits=tuple(read_commit(each) for each in fields.objects("commits", 15)),
        deals=tuple(read_deal(each) for each in fields.objects("deals", 15)),
        confirms=tuple(read_confirm(each) for each in fields.objects("confirms", 15)),
    )
    fields.done()
    return ceremony


def check_complete(ceremony: Ceremony, definition: Definition) -> None:
    """5.1: each trustee once, in order, in every round. Raises Missing."""
    check_round("commits", ceremony.commits, definition)
    check_round("deals", ceremony.deals, definition)
    check_round("confirms", ceremony.confirms, definition)


def check_round(name: str, messages: Sequence[Commit | Deal | Confirm], definition: Definition) -> None:
    """5.1 for one round. Raises Missing."""
    if [message.trustee for message in messages] != list(range(1, len(definition.trustees) + 1)):
        raise Missing(check="5.1", where=f"ceremony.{name}", why="not every trustee once and in order")


def check_commit(commit: Commit, definition: bytes, attempt: int) -> None:
    """5.2: the signature. Raises BadSignature."""
    signature.verify(
        commit.sign_key,
        commit_message(
            definition, attempt, commit.trustee, commit.hpke_key, commit.sign_key, commit.commitment
        ),
        commit.signature,
        check="5.2",
        where=f"commits[{commit.trustee - 1}].signature",
    )


def check_commits(commits: Sequence[Commit], definition: bytes, attempt: int) -> None:
    """5.2: every signature, and distinct keys. Raises BadSignature or Duplicate."""
    for commit in commits:
        check_commit(commit, definition, attempt)
    for a, b in combinations(commits, 2):
        if a.sign_key == b.sign_key or a.hpke_key == b.hpke_key:
            raise Duplicate(
                check="5.2", where=f"commits[{b.trustee - 1}]", why=f"has a key of trustee {a.trustee}"
            )


def check_deal(deal: Deal, commits: Sequence[Commit], definition: Definition, attempt: int) -> None:
    """5.3 and 5.4: the commitment opens, the sizes are right, signature and proofs hold.

    Raises Inconsistent, BadSignature or BadProof naming the dealer.
    """
    where = f"deals[{deal.trustee - 1}]"
    threshold, n = definition.threshold, len(definition.trustees)
    if len(deal.points) != threshold or len(deal.proofs) != threshold or len(deal.shares) != n:
        raise Inconsistent(check="5.3", where=where, why=f"not {threshold} points and {n} shares")
    commit = commits[deal.trustee - 1]
    if commitment(definition.digest, attempt, deal.trustee, deal.points) != commit.commitment:
        raise Inconsistent(check="5.3", where=f"{where}.points", why="not what the trustee committed to")
    hashed = commits_hash(definition.digest, attempt, commits)
    signature.verify(
        commit.sign_key,
        deal_message(hashed, deal.trustee, deal.unsigned_json()),
        deal.signature,
        check="5.3",
        where=f"{where}.signature",
    )
    check_possession(deal, hashed)


def check_possession(deal: Deal, commits: bytes) -> None:
    """5.4: the dealer knows every coefficient. Raises BadProof."""
    for j, (point, proof) in enumerate(zip(deal.points, deal.proofs, strict=True)):
        c = possession_challenge(possession_statement(commits, deal.trustee, j, point), proof.commitment)
        if base_multiply(proof.response) != proof.commitment + multiply(point, c):
            raise BadProof(
                check="5.4",
                where=f"deals[{deal.trustee - 1}].proofs[{j}]",
                why="the dealer does not show to know this coefficient",
            )


def check_keys(ceremony: Ceremony, manifest: Manifest) -> ElectionKeys:
    """5.5: election key and ceremony hash follow from the deals. Raises Inconsistent."""
    keys = election_keys(manifest.definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)
    if keys.election_key == IDENTITY or IDENTITY in keys.verification_keys:
        raise Inconsistent(check="5.5", where="ceremony.deals", why="a key is the identity")
    if keys.election_key != manifest.election_key:
        raise Inconsistent(check="5.5", where="manifest.election_key", why="not the key of this ceremony")
    if keys.ceremony != manifest.ceremony:
        raise Inconsistent(check="5.5", where="manifest.ceremony", why="not the hash of this ceremony")
    return keys


def check_confirm(confirm: Confirm, keys: ElectionKeys, sign_key: bytes, manifest: Manifest) -> None:
    """5.6: the trustee signed this manifest, and its rehearsal share is right. Raises BadSignature or
    BadProof.
    """
    m, where = confirm.trustee, f"confirms[{confirm.trustee - 1}]"
    signature.verify(
        sign_key,
        confirm_message(keys.ceremony, manifest.hash, m, confirm.share, confirm.proof),
        confirm.signature,
        check="5.6",
        where=f"{where}.signature",
    )
    alpha, _ = rehearsal_ciphertext(keys.ceremony, keys.election_key)
    key = keys.verification_keys[m - 1]
    statement = confirm_statement(keys.ceremony, m, key, alpha, confirm.share)
    c = confirm_challenge(statement, confirm.proof.g, confirm.proof.a)
    confirm.proof.check(c, key, alpha, confirm.share, check="5.6", where=where)


def check_rehearsal(confirms: Sequence[Confirm], keys: ElectionKeys, threshold: int) -> None:
    """5.7: any t shares open the rehearsal ciphertext to 1·G. Raises Inconsistent naming the trustee."""
    _, beta = rehearsal_ciphertext(keys.ceremony, keys.election_key)
    shares = {confirm.trustee: confirm.share for confirm in confirms}
    first = sorted(shares)[:threshold]
    for m in sorted(shares)[threshold - 1 :]:
        chosen = [*first[: threshold - 1], m]
        if beta - interpolate({i: shares[i] for i in chosen}) != BASE:
            raise Inconsistent(
                check="5.7",
                where=f"confirms[{m - 1}]",
                why="the rehearsal decryption fails with this trustee",
            )
