"""Clauses 5.1 to 5.4: what a trustee derives, commits to and deals."""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from surveys.protocol import canonical, ceremony_checks
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import (
    Ceremony,
    commit_message,
    commits_hash,
)
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import Definition, decode_definition
from surveys.protocol.secret.deal import Sheet
from tests.vectors import second
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


def fields_of(given: Given, name: str, check: str) -> Fields:
    return Fields(canonical.decode(given.document(name), check=check, where=name), check=check, where=name)


def a_record(given: Given) -> Ceremony:
    return ceremony_checks.decode_ceremony(given.document("ceremony"))


def a_definition(given: Given) -> Definition:
    return decode_definition(given.document("definition"))


@reads("5.1-sheet")
def read_sheet(given: Given) -> Values:
    """Seed, definition, attempt, trustee → the commit message, with both public keys and the commitment."""
    sheet = Sheet(given.raw("seed"), a_definition(given), given.number("attempt"), given.number("trustee"))
    return {"commit": sheet.commit().as_json()}


@reads("5.1-record")
def read_record(given: Given) -> Values:
    """A ceremony record and its definition → nothing."""
    ceremony_checks.check_complete(a_record(given), a_definition(given))
    return {}


@reads("5.2-commits")
def read_commits(given: Given) -> Values:
    """All commits → K."""
    record, definition = a_record(given), a_definition(given)
    ceremony_checks.check_commits(record.commits, definition.digest, record.attempt)
    return {"commits": commits_hash(definition.digest, record.attempt, record.commits).hex()}


@reads("5.3-deal")
def read_deal(given: Given) -> Values:
    """The first deal under the record's commits → nothing."""
    record = a_record(given)
    ceremony_checks.check_deal(record.deals[0], record.commits, a_definition(given), record.attempt)
    return {}


@reads("5.3-own-deal")
def read_own_deal(given: Given) -> Values:
    """A trustee's deal again from its seed: points, proofs (the encrypted shares differ each time)."""
    record = a_record(given)
    sheet = Sheet(given.raw("seed"), a_definition(given), record.attempt, given.number("trustee"))
    made = sheet.deal(record.commits).unsigned_json()
    return {"points": made["points"], "proofs": made["proofs"]}


@reads("5.3-transport")
def read_transport(given: Given) -> Values:
    """Private key, info, enc ‖ ciphertext (aad empty) → plain text."""
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
    key = X25519PrivateKey.from_private_bytes(given.raw("private"))
    try:
        text = suite.decrypt(given.raw("ciphertext"), key, info=given.raw("info"))
    except (InvalidTag, ValueError):
        raise Malformed(check="5.3", where="ciphertext", why="does not open") from None
    return {"text": text.hex()}


@reads("5.3-sealing")
def read_sealing(given: Given) -> Values:
    """Ephemeral key, receiver's key, info, aad, text → enc ‖ ciphertext. The RFC's have an aad; ours is
    empty.
    """
    sealed = second.hpke_seal(
        given.raw("ephemeral"), given.raw("key"), given.raw("info"), given.raw("text"), given.raw("aad")
    )
    return {"ciphertext": sealed.hex()}


@reads("5.4-possession")
def read_possession(given: Given) -> Values:
    """The first deal's proofs → nothing."""
    record = a_record(given)
    hashed = commits_hash(a_definition(given).digest, record.attempt, record.commits)
    ceremony_checks.check_possession(record.deals[0], hashed)
    return {}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of 5.1 to 5.4."""
    _sheets(book)
    _records(book, vote)
    _commits(book, vote)
    _deals(book, vote)
    _transport(book)


ALL: Values = {"ceremony": "@ceremony", "definition": "@definition"}


def with_(path: str, value: object) -> Values:
    return {"of": "@ceremony", "set": {path: value}}


def _sheets(book: Book) -> None:
    for i in (1, 2, 3):
        book.good(
            "5.1-sheet",
            f"trustee {i}",
            "from the seed",
            seed=f"@seed{i}",
            definition="@definition",
            attempt=1,
            trustee=i,
        )
    book.good(
        "5.1-sheet", "attempt 2", "other keys", seed="@seed1", definition="@definition", attempt=2, trustee=1
    )
    book.good(
        "5.1-sheet",
        "other place",
        "other keys",
        seed="@seed1",
        definition="@definition",
        attempt=1,
        trustee=2,
    )
    other = {"of": "@definition", "set": {"k": 4}}
    book.good(
        "5.1-sheet", "other definition", "other keys", seed="@seed1", definition=other, attempt=1, trustee=1
    )


def _records(book: Book, vote: Vote) -> None:
    folder, document = "5.1-record", json.loads(vote.ceremony.encode())
    book.good(folder, "plain", "the small vote", **ALL)

    def bad(name: str, why: str, kind: str, path: str, value: object) -> None:
        book.bad(folder, name, why, (kind, "5.1"), ceremony=with_(path, value), definition="@definition")

    for name in ("commits", "deals", "confirms"):
        one, two, three = document[name]
        bad(f"{name} missing", "each trustee", "Missing", name, [one, two])
        bad(f"{name} out of order", "in order", "Missing", name, [two, one, three])
        bad(f"{name} twice", "each once", "Missing", name, [one, two, two])
        bad(f"{name} signature short", "64 bytes", "Malformed", f"{name}/0/signature", "00" * 63)
        bad(f"{name} trustee 16", "at most 15", "Malformed", f"{name}/0/trustee", 16)
        bad(f"{name} field too many", "no other field", "Malformed", f"{name}/0/more", 1)
    bad("format", "of another version", "Malformed", "format", "tin-nhiem/ceremony/1")
    bad("attempt 0", "from 1", "Malformed", "attempt", 0)
    bad("point identity", "no commitment is O", "Malformed", "deals/0/points/1", "00" * 32)
    bad("point bit 255", "strict decoding", "Malformed", "deals/0/points/0", "00" * 31 + "80")
    bad("possession R identity", "R is not O", "Malformed", "deals/0/proofs/0/commitment", "00" * 32)
    bad("possession response great", "below the order", "Malformed", "deals/0/proofs/0/response", "ff" * 32)
    bad("share short", "80 bytes", "Malformed", "deals/0/shares/0", "00" * 79)
    bad("rehearsal share identity", "x is not 0", "Malformed", "confirms/0/share", "00" * 32)
    bad("rehearsal g identity", "K1 is not O", "Malformed", "confirms/0/proof/g", "00" * 32)
    bad("rehearsal response great", "below the order", "Malformed", "confirms/0/proof/response", "ff" * 32)


def _commits(book: Book, vote: Vote) -> None:
    folder, sign = "5.2-commits", ("BadSignature", "5.2")
    commits = [commit.as_json() for commit in vote.ceremony.commits]
    book.good(folder, "plain", "K of the small vote", **ALL)
    for field, value in (
        ("hpke_key", commits[1]["hpke_key"]),
        ("sign_key", commits[1]["sign_key"]),
        ("commitment", commits[1]["commitment"]),
        ("signature", commits[1]["signature"]),
    ):
        name = f"{field.replace('_', ' ')} of another"
        ceremony = with_(f"commits/0/{field}", value)
        book.bad(folder, name, "each field is signed", sign, ceremony=ceremony, definition="@definition")
    book.bad(
        folder,
        "other attempt",
        "the attempt is signed",
        sign,
        ceremony=with_("attempt", 2),
        definition="@definition",
    )
    other = {"of": "@definition", "set": {"k": 4}}
    book.bad(folder, "other definition", "D is signed", sign, ceremony="@ceremony", definition=other)
    moved = [{**commits[1], "trustee": 1}, commits[1], commits[2]]
    book.bad(
        folder,
        "other place",
        "the number is signed",
        sign,
        ceremony=with_("commits", moved),
        definition="@definition",
    )
    # One sheet in two places has other keys; one key in two places needs a signature, which its holder can
    # make.
    twice = Sheet(vote.seeds[0], vote.definition, 1, 1)
    for field in ("hpke_key", "sign_key"):
        from_first = _doubled(vote, twice, field)
        book.bad(
            folder,
            f"{field.replace('_', ' ')} twice",
            "keys are different",
            ("Duplicate", "5.2"),
            ceremony=with_("commits/1", from_first),
            definition="@definition",
        )


def _doubled(vote: Vote, first: Sheet, field: str) -> Values:
    """The second trustee's commit with a key of the first, properly signed."""
    own, other = vote.sheets[1].commit(), first.commit()
    hpke_key = other.hpke_key if field == "hpke_key" else own.hpke_key
    sign_key = other.sign_key if field == "sign_key" else own.sign_key
    message = commit_message(vote.definition.digest, 1, 2, hpke_key, sign_key, own.commitment)
    signer = first if field == "sign_key" else vote.sheets[1]
    return {
        **own.as_json(),
        "hpke_key": hpke_key.hex(),
        "sign_key": sign_key.hex(),
        "signature": signer.sign(message).hex(),
    }


def _deals(book: Book, vote: Vote) -> None:
    deals: list[Any] = [deal.as_json() for deal in vote.ceremony.deals]
    book.good("5.3-deal", "plain", "the small vote", **ALL)
    book.good("5.4-possession", "plain", "the small vote", **ALL)
    for i in (1, 2, 3):
        book.good("5.3-own-deal", f"trustee {i}", "from the seed", seed=f"@seed{i}", trustee=i, **ALL)

    def bad(
        name: str, why: str, kind: str, path: str, value: object, definition: object = "@definition"
    ) -> None:
        book.bad("5.3-deal", name, why, (kind, "5.3"), ceremony=with_(path, value), definition=definition)

    two = deals[1]
    bad("points of another", "what was committed to", "Inconsistent", "deals/0/points", two["points"])
    bad("points exchanged", "their order", "Inconsistent", "deals/0/points", deals[0]["points"][::-1])
    bad("one point", "t points", "Inconsistent", "deals/0/points", deals[0]["points"][:1])
    bad("one proof", "t proofs", "Inconsistent", "deals/0/proofs", deals[0]["proofs"][:1])
    bad("two shares", "n shares", "Inconsistent", "deals/0/shares", deals[0]["shares"][:2])
    bad("shares exchanged", "they are signed", "BadSignature", "deals/0/shares", deals[0]["shares"][::-1])
    bad("proofs of another", "they are signed", "BadSignature", "deals/0/proofs", two["proofs"])
    bad("signature of another", "by this trustee", "BadSignature", "deals/0/signature", two["signature"])
    bad("other attempt", "the attempt is bound", "Inconsistent", "attempt", 2)
    commits = [commit.as_json() for commit in vote.ceremony.commits]
    stale = {**commits[2], "hpke_key": commits[1]["hpke_key"]}
    bad("over other commits", "K is bound", "BadSignature", "commits/2", stale)
    other = {"of": "@definition", "set": {"k": 4}}
    book.bad(
        "5.3-deal",
        "other definition",
        "D is bound",
        ("Inconsistent", "5.3"),
        ceremony="@ceremony",
        definition=other,
    )
    refused = ("BadProof", "5.4")
    for name, why, path, value in (
        ("proofs exchanged", "each for its coefficient", "deals/0/proofs", deals[0]["proofs"][::-1]),
        ("proof of another", "bound to the trustee", "deals/0/proofs/0", two["proofs"][0]),
        ("points of another", "bound to the point", "deals/0/points", two["points"]),
        ("other trustee", "bound to the number", "deals/0/trustee", 2),
        ("response of another", "the equation", "deals/0/proofs/0/response", two["proofs"][0]["response"]),
        ("over other commits", "bound to K", "commits/2", stale),
    ):
        book.bad("5.4-possession", name, why, refused, ceremony=with_(path, value), definition="@definition")


def _transport(book: Book) -> None:
    """Our own sender, held to the RFC by 5.3-sealing, and the library as receiver."""
    take = randomness("transport")
    private, ephemeral, info, text = take(32), take(32), take(50), take(32)
    key = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    sealed = second.hpke_seal(ephemeral, key, info, text)
    folder, refused = "5.3-transport", ("Malformed", "5.3")
    given: Values = {"private": private.hex(), "info": info.hex(), "ciphertext": sealed.hex()}
    book.good(folder, "plain", "a share is sent like this", **given)
    book.good(
        "5.3-sealing",
        "plain",
        "with a given ephemeral key",
        ephemeral=ephemeral.hex(),
        key=key.hex(),
        info=info.hex(),
        aad="",
        text=text.hex(),
    )
    with_aad = second.hpke_seal(ephemeral, key, info, text, b"Count-0")
    for name, why, change in (
        ("other info", "info is bound", {"info": ""}),
        ("other key", "for its receiver", {"private": ephemeral.hex()}),
        ("flipped bit", "authenticated", {"ciphertext": sealed[:-1].hex() + f"{sealed[-1] ^ 1:02x}"}),
        ("cut", "authenticated", {"ciphertext": sealed[:-1].hex()}),
        ("with aad", "the aad is empty", {"ciphertext": with_aad.hex()}),
        ("enc zero", "no key agreement with 0", {"ciphertext": bytes(32).hex() + sealed[32:].hex()}),
        ("empty", "nothing to open", {"ciphertext": ""}),
    ):
        book.bad(folder, name, why, refused, **{**given, **change})
