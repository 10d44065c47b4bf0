"""Every field of every transcript counts (§1): changing any one changes what is hashed or signed.

Each entry makes one transcript of the protocol from its fields. A new transcript without an entry here is
noticed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from surveys.accounts import staff_log
from surveys.instants import read_instant
from surveys.protocol import agreement, ballot, ceremony, issuance, look_up, receipt, shares
from surveys.protocol.agreement import Cosigners
from surveys.protocol.ceremony import Commit, Deal
from surveys.protocol.certificate import Certified
from surveys.protocol.choice_proof import row_weights
from surveys.protocol.definition import form_hash
from surveys.protocol.dleq import DleqProof
from surveys.protocol.errors import BadSignature
from surveys.protocol.group import BASE, Point, Scalar
from surveys.protocol.plan import Plan
from surveys.protocol.secret import encrypt, receipt_key
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.slip_key import slip_key
from surveys.protocol.shares import ShareContext
from surveys.protocol.signature import verify
from surveys.protocol.transcript import hash64, transcript
from tests.vectors.vote import the_vote

VOTE = the_vote()
H1, H2 = b"1" * 32, b"2" * 32
P1, P2 = BASE, BASE + BASE
COMMIT: Commit = VOTE.ceremony.commits[0]
DEAL: Deal = VOTE.ceremony.deals[0]
COMMITS, DEALS = VOTE.ceremony.commits, VOTE.ceremony.deals
PROOF = DleqProof(P1, P2, Scalar(3))
NUMBER, HASH, POINT = (1, 2), (H1, H2), (P1, P2)
MEMBERS = ((1, 2, 3), (1, 2), ())
PROOFS = (
    PROOF,
    replace(PROOF, g=P2),
    replace(PROOF, a=P1),
    replace(PROOF, response=Scalar(4)),
)


@dataclass(frozen=True)
class Entry:
    """A transcript's label, what makes it, and for each field its value and others."""

    label: str
    make: Callable[..., Any]
    fields: tuple[tuple[Any, ...], ...]


def seeded_draw(seed: bytes, number: int) -> bytes:
    """The draw of this number of a ballot's seed (8.9)."""
    draw = encrypt.seeded(seed)
    return [draw(64) for _ in range(number + 1)][-1]


def _derived(label: str) -> Callable[..., object]:
    """What a sheet derives under a label, by seed, definition, attempt and trustee."""

    def make(seed: bytes, title: str, attempt: int, trustee: int) -> object:
        sheet = Sheet(seed, replace(VOTE.definition, title_en=title), attempt, trustee)
        return sheet._derive(64, label, *sheet._context)

    return make


def _coefficient(seed: bytes, title: str, attempt: int, trustee: int, j: int) -> Scalar:
    return Sheet(seed, replace(VOTE.definition, title_en=title), attempt, trustee)._coefficients()[j]


def _statement(
    m: bytes,
    root: bytes,
    p: bytes,
    cosigned: Any,
    absent: Any,
    trustee: int,
    key: Point,
    bases: Any,
    points: Any,
) -> bytes:
    return shares.statement(
        ShareContext(m, root, p), Cosigners(cosigned, absent), trustee, key, bases, points
    )


def _nonce(seed: bytes, label: str, field: bytes) -> Scalar:
    return Sheet(seed, VOTE.definition, 1, 1)._nonce(label, field)


def _transcript_hash(definition: bytes, attempt: int, commits: Any, deals: Any) -> bytes:
    return ceremony.election_keys(definition, attempt, commits, deals).ceremony


def _digest_of(body: bytes) -> bytes:
    return replace(VOTE.ballots[0], body=body).digest


SHEET = (HASH, ("a", "b"), NUMBER, NUMBER)
UNSIGNED = DEAL.unsigned_json()
DEALT = (UNSIGNED, *({**UNSIGNED, name: value} for name, value in DEALS[1].unsigned_json().items()))
PAIRS = ([P1, P2], [P2, P1], [P1], [P1, P2, P2])
CONFIRM = (HASH, NUMBER, POINT, POINT, POINT)
ENTRIES = (
    Entry("token", ballot.token_message, (HASH, (0, 1), HASH)),
    Entry(
        "staff-log", staff_log._hash, (HASH, NUMBER, ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"), HASH)
    ),
    Entry("issue", issuance.issue_message, (HASH, (0, 1), HASH, HASH)),
    Entry("panel", issuance.panel_message, (HASH, HASH)),
    Entry("slip", lambda c, s: slip_key(c, s).public, ((b"1" * 10, b"2" * 10), (b"1" * 16, b"2" * 16))),
    Entry("ballot/signature", ballot.signed_message, (HASH, HASH)),
    Entry("ballot/digest", _digest_of, (HASH,)),
    Entry("ballot/weights", lambda body: row_weights(hash64("ballot/weights", body), 0, 3), (HASH,)),
    Entry(
        "ballot/proof",
        ballot.proof_challenge,
        (HASH, (0, 1), HASH, NUMBER, ([H1, H2], [H2, H1], [H1], [H1, H2, H1], [H1 + H2])),
    ),
    Entry("ballot/random", seeded_draw, (HASH, NUMBER)),
    Entry("look-up", look_up.look_up_entry, (HASH, HASH)),
    Entry("receipt", receipt.receipt_message, (HASH, HASH, HASH, NUMBER)),
    Entry(
        "form",
        lambda unit, contests: form_hash(unit, contests),
        (HASH, ([(H1, H2)], [(H2, H1)], [(H1, H2), (H1, H2)])),
    ),
    Entry("definition", lambda title: replace(VOTE.definition, title_en=title).digest, (("a", "b"),)),
    Entry(
        "manifest",
        lambda k, y, x: (
            replace(VOTE.manifest, definition=replace(VOTE.definition, k=k), election_key=y, ceremony=x).hash
        ),
        ((3, 4), POINT, HASH),
    ),
    Entry("plan", lambda *f: Plan(*f).digest, (HASH, HASH, (7, 8), (3, 4), ((None,), (((0,),),)))),
    Entry("ceremony/commitment", ceremony.commitment, (HASH, NUMBER, NUMBER, PAIRS)),
    Entry("ceremony/commit", ceremony.commit_message, (HASH, NUMBER, NUMBER, HASH, HASH, HASH)),
    Entry(
        "ceremony/commits",
        ceremony.commits_hash,
        (HASH, NUMBER, (COMMITS, COMMITS[::-1], COMMITS[:2], (replace(COMMIT, signature=bytes(64)),))),
    ),
    Entry("ceremony/deal", ceremony.deal_message, (HASH, NUMBER, DEALT)),
    Entry("ceremony/share", ceremony.share_info, (HASH, NUMBER, NUMBER)),
    Entry(
        "ceremony/pop",
        lambda k, i, j, c, r: ceremony.possession_challenge(ceremony.possession_statement(k, i, j, c), r),
        (HASH, NUMBER, (0, 1), POINT, POINT),
    ),
    Entry(
        "ceremony/transcript",
        _transcript_hash,
        (
            HASH,
            NUMBER,
            (COMMITS, (replace(COMMIT, signature=bytes(64)), *COMMITS[1:])),
            (DEALS, (replace(DEAL, signature=bytes(64)), *DEALS[1:]), DEALS[:2]),
        ),
    ),
    Entry("ceremony/rehearsal", lambda x: ceremony.rehearsal_ciphertext(x, BASE)[0], (HASH,)),
    Entry(
        "ceremony/confirm-proof",
        lambda x, m, y, a, d, g, k: ceremony.confirm_challenge(
            ceremony.confirm_statement(x, m, y, a, d), g, k
        ),
        (*CONFIRM, POINT, POINT),
    ),
    Entry("ceremony/confirm", ceremony.confirm_message, (HASH, HASH, NUMBER, POINT, PROOFS)),
    Entry("trustee/hpke", _derived("trustee/hpke"), SHEET),
    Entry("trustee/sign", _derived("trustee/sign"), SHEET),
    Entry("trustee/coefficient", _coefficient, (*SHEET, (0, 1))),
    Entry("trustee/nonce", _nonce, (HASH, ("share/proof", "ceremony/pop"), HASH)),
    Entry("agreement", agreement.agreement_hash, (HASH, HASH, HASH)),
    Entry(
        "cosign",
        agreement.cosign_message,
        (HASH, NUMBER, (read_instant("2026-11-02T10:40:00Z"), read_instant("2026-11-02T10:41:00Z"))),
    ),
    Entry(
        "share/statement",
        _statement,
        (HASH, HASH, HASH, MEMBERS, MEMBERS[::-1], NUMBER, POINT, PAIRS, PAIRS),
    ),
    Entry("share/weight", shares.weighted, (HASH, PAIRS[:2])),
    Entry("share/proof", shares.share_challenge, (HASH, POINT, POINT)),
    Entry("share", shares.share_message, (HASH, PROOFS)),
    Entry("certificate", lambda *hashes: Certified(*hashes).message(), (HASH,) * 7),
)
EACH = [
    pytest.param(entry, i, id=f"{entry.label} {i}") for entry in ENTRIES for i in range(len(entry.fields))
]


def _bytes(made: object) -> bytes:
    """What is signed or hashed, as bytes."""
    if isinstance(made, bytes):
        return made
    if isinstance(made, Scalar | Point):
        return made.encode()
    return repr([int(each) for each in made]).encode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("entry", "changed"), EACH)
def test_a_changed_field_changes_what_is_hashed_and_breaks_a_signature(entry: Entry, changed: int) -> None:
    values = [field[0] for field in entry.fields]
    made = _bytes(entry.make(*values))
    assert made == _bytes(entry.make(*values))
    key, signed = receipt_key.public_key(H1), receipt_key.sign(H1, made)
    verify(key, made, signed, check="1.2", where="signature")
    others = {made}
    for other in entry.fields[changed][1:]:
        altered = _bytes(entry.make(*values[:changed], other, *values[changed + 1 :]))
        assert altered not in others
        others.add(altered)
        with pytest.raises(BadSignature):
            verify(key, altered, signed, check="1.2", where="signature")


def _labels() -> Iterator[str]:
    """The label, where it is written out, of every call that makes a transcript in the product."""
    # Always called by their bare names, so that `bundle.digest(…)` is another thing.
    makers = {"transcript", "digest", "hash64", "challenge", "_derive", "_nonce"}
    for path in (Path(__file__).resolve().parents[2] / "surveys").rglob("*.py"):
        source = path.read_text("utf-8")
        if "surveys.protocol.transcript" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", "")
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                name = node.func.attr if node.func.value.id in ("self", "sheet") else ""
            label = node.args[min(len(node.args) - 1, 1 if name == "_derive" else 0)]
            if name in makers and isinstance(label, ast.Constant) and isinstance(label.value, str):
                yield label.value


def test_every_transcript_of_the_product_is_in_the_list() -> None:
    assert set(_labels()) == {entry.label for entry in ENTRIES}


def test_no_two_labels_begin_alike_so_that_no_hash_serves_two_steps() -> None:
    """With its length in front a label is never the beginning of another."""
    heads = [transcript(entry.label) for entry in ENTRIES]
    for a in heads:
        assert [b for b in heads if b.startswith(a)] == [a]


def test_the_twin_without_lengths_a_border_can_be_moved() -> None:
    assert b"ab" + b"c" == b"a" + b"bc"
    assert transcript("issue", b"ab", b"c") != transcript("issue", b"a", b"bc")
    assert transcript("issue", b"") != transcript("issue")
