"""Clauses 5.5 to 5.7: keys, confirmations, the rehearsal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from surveys.protocol import canonical, ceremony_checks
from surveys.protocol.ceremony import (
    confirm_message,
    election_keys,
    public_share,
    rehearsal_ciphertext,
)
from surveys.protocol.dleq import DleqProof
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.secret.deal import Sheet
from tests.vectors.book import Book
from tests.vectors.facts.ceremonies import ALL, a_definition, a_record, fields_of, with_
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote, a_ceremony


@reads("5.5-keys")
def read_keys(given: Given) -> Values:
    """Record and manifest → Y_1 … Y_n."""
    keys = ceremony_checks.check_keys(a_record(given), decode_manifest(given.document("manifest")))
    return {"verification_keys": [key.encode().hex() for key in keys.verification_keys]}


@reads("5.5-share")
def read_share(given: Given) -> Values:
    """Seed and record → x_m, and its public key."""
    record, m = a_record(given), given.number("trustee")
    sheet = Sheet(given.raw("seed"), a_definition(given), record.attempt, m)
    secret = sheet.secret_share(record.commits, record.deals)
    return {"secret": secret.encode().hex(), "first": public_share(record.deals[0].points, m).encode().hex()}


@reads("5.6-confirm")
def read_confirm(given: Given) -> Values:
    """One confirmation under record and manifest → the rehearsal ciphertext."""
    confirm = ceremony_checks.read_confirm(fields_of(given, "confirm", "5.6"))
    record, manifest = a_record(given), decode_manifest(given.document("manifest"))
    keys = election_keys(manifest.definition.digest, record.attempt, record.commits, record.deals)
    ceremony_checks.check_confirm(confirm, keys, record.commits[confirm.trustee - 1].sign_key, manifest)
    alpha, beta = rehearsal_ciphertext(keys.ceremony, keys.election_key)
    return {"alpha": alpha.encode().hex(), "beta": beta.encode().hex()}


@reads("5.6-own-confirm")
def read_own_confirm(given: Given) -> Values:
    """A trustee's confirmation from its seed; the same each time."""
    record, manifest = a_record(given), decode_manifest(given.document("manifest"))
    keys = election_keys(manifest.definition.digest, record.attempt, record.commits, record.deals)
    sheet = Sheet(given.raw("seed"), manifest.definition, record.attempt, given.number("trustee"))
    return {"confirm": sheet.confirm(record.commits, record.deals, keys, manifest).as_json()}


@reads("5.7-rehearsal")
def read_rehearsal(given: Given) -> Values:
    """The record's confirmations, whatever their proofs → nothing."""
    record, definition = a_record(given), a_definition(given)
    keys = election_keys(definition.digest, record.attempt, record.commits, record.deals)
    ceremony_checks.check_rehearsal(record.confirms, keys, definition.threshold)
    return {}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of 5.5 to 5.7."""
    _keys(book, vote)
    _confirms(book, vote)


def _keys(book: Book, vote: Vote) -> None:
    folder = "5.5-keys"
    deals: list[Any] = [deal.as_json() for deal in vote.ceremony.deals]
    book.good(folder, "plain", "the small vote", ceremony="@ceremony", manifest="@manifest")
    point = deals[0]["points"][0]
    for name, why, ceremony, change in (
        ("other election key", "Y is the sum", "@ceremony", {"election_key": point}),
        ("other ceremony hash", "X is the hash", "@ceremony", {"ceremony": "00" * 32}),
        ("deal left out", "all deals", with_("deals", deals[:2]), {}),
        (
            "share exchanged",
            "X binds the encrypted shares",
            with_("deals/0/shares", deals[0]["shares"][::-1]),
            {},
        ),
        ("other attempt", "X binds the attempt", with_("attempt", 2), {}),
        ("other definition", "X binds D", "@ceremony", {"definition/k": 4}),
        ("commit signature", "X binds the commits", with_("commits/0/signature", "00" * 64), {}),
    ):
        manifest = {"of": "@manifest", "set": change} if change else "@manifest"
        book.bad(folder, name, why, ("Inconsistent", "5.5"), ceremony=ceremony, manifest=manifest)
    minus = (-vote.ceremony.deals[0].points[0] - vote.ceremony.deals[1].points[0]).encode().hex()
    ceremony = with_("deals/2/points/0", minus)
    book.bad(
        folder,
        "sum is identity",
        "Y is not O",
        ("Inconsistent", "5.5"),
        ceremony=ceremony,
        manifest="@manifest",
    )
    for i in (1, 2, 3):
        book.good("5.5-share", f"trustee {i}", "the sum of all shares", seed=f"@seed{i}", trustee=i, **ALL)
    _shares(book, deals)


def _shares(book: Book, deals: list[Values]) -> None:
    def bad(name: str, why: str, kind: str, path: str, value: object, trustee: int = 1) -> None:
        given = {"seed": f"@seed{trustee}", "definition": "@definition", "trustee": trustee}
        book.bad("5.5-share", name, why, (kind, "5.5"), ceremony=with_(path, value), **given)

    shares = deals[1]["shares"]
    bad("share of another", "for another trustee", "Rejected", "deals/1/shares/0", shares[1])
    bad("other dealer", "bound to the dealer", "Rejected", "deals/1/shares/0", deals[2]["shares"][0])
    flipped = shares[0][:-2] + f"{int(shares[0][-2:], 16) ^ 1:02x}"
    bad("flipped bit", "does not open", "Rejected", "deals/1/shares/0", flipped)
    bad("zeros", "no key agreement with 0", "Rejected", "deals/1/shares/0", "00" * 80)
    points = deals[1]["points"]
    # At m = 1 the order of the points makes no difference: f(1) is the sum of all coefficients.
    bad("does not fit", "f(m)G is in the points", "BadProof", "deals/1/points", points[::-1], trustee=2)
    bad("over other commits", "bound to K", "Rejected", "commits/2/signature", "00" * 64)


def _confirms(book: Book, vote: Vote) -> None:
    folder = "5.6-confirm"
    confirms: list[Any] = [confirm.as_json() for confirm in vote.ceremony.confirms]
    text = canonical.encode(confirms[0]).decode()
    given: Values = {"ceremony": "@ceremony", "manifest": "@manifest"}
    book.good(folder, "plain", "the small vote", confirm=text, **given)
    for i in (1, 2, 3):
        book.good("5.6-own-confirm", f"trustee {i}", "from the seed", seed=f"@seed{i}", trustee=i, **given)
    book.good("5.7-rehearsal", "plain", "each two open it", **ALL)
    sign, form = ("BadSignature", "5.6"), ("Malformed", "5.6")
    other = confirms[1]
    for name, path, value in (
        ("share of another", "share", other["share"]),
        ("g of another", "proof/g", other["proof"]["g"]),
        ("a of another", "proof/a", other["proof"]["a"]),
        ("response of another", "proof/response", other["proof"]["response"]),
        ("signature of another", "signature", other["signature"]),
        ("other trustee", "trustee", 2),
    ):
        book.bad(
            folder, name, "each field is signed", sign, confirm={"of": text, "set": {path: value}}, **given
        )
    manifest = {"of": "@manifest", "set": {"definition/k": 4}}
    book.bad(
        folder, "other manifest", "M is signed", sign, confirm=text, ceremony="@ceremony", manifest=manifest
    )
    book.bad(
        folder,
        "share identity",
        "O refused",
        form,
        confirm={"of": text, "set": {"share": "00" * 32}},
        **given,
    )
    _wrong_confirms(book, vote, given)
    _, again, _, _ = a_ceremony(vote.definition, vote.seeds, 2)
    stale = canonical.encode(again.confirms[0].as_json()).decode()
    book.bad(folder, "other attempt", "X is signed", sign, confirm=stale, **given)
    for i in range(3):
        ceremony = with_(f"confirms/{i}/share", confirms[(i + 1) % 3]["share"])
        book.bad(
            "5.7-rehearsal",
            f"wrong share {i + 1}",
            "all shares lie on one polynomial",
            ("Inconsistent", "5.7"),
            ceremony=ceremony,
            definition="@definition",
        )


def _wrong_confirms(book: Book, vote: Vote, given: Values) -> None:
    """Properly signed, but with a proof that does not hold."""
    one, two = vote.ceremony.confirms[:2]
    manifest: Manifest = vote.manifest
    for name, share, proof in (
        ("wrong share", two.share, one.proof),
        ("proof of another", one.share, two.proof),
        ("wrong g", one.share, DleqProof(two.proof.g, one.proof.a, one.proof.response)),
        ("wrong a", one.share, DleqProof(one.proof.g, two.proof.a, one.proof.response)),
    ):
        message = confirm_message(vote.keys.ceremony, manifest.hash, 1, share, proof)
        made = replace(one, share=share, proof=proof, signature=vote.sheets[0].sign(message))
        text = canonical.encode(made.as_json()).decode()
        book.bad("5.6-confirm", name, "the proof holds", ("BadProof", "5.6"), confirm=text, **given)
