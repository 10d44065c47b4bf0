"""Clause 8: the ballot."""

from __future__ import annotations

from surveys.protocol import choice_proof
from surveys.protocol.ballot import (
    HEADER,
    Ballot,
    body_header,
    check_opening,
    check_proofs,
    check_signature,
    check_token,
    check_unique,
    decode_ballot,
    proof_challenge,
    row_size,
)
from surveys.protocol.codes import write_code
from surveys.protocol.group import ORDER, Point, Scalar
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.secret.encrypt import ballot_public_key, seal_body, seeded, sign_body
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

ROW = row_size(3)
TOKEN = HEADER + 2 * ROW
SIGNATURE = TOKEN + 256


def _manifest(given: Given) -> Manifest:
    return decode_manifest(given.document("manifest"))


def _ballot(given: Given) -> Ballot:
    return decode_ballot(given.raw("ballot"), _manifest(given))


@reads("8.2-decode")
def read_decode(given: Given) -> Values:
    """Ballot and manifest → header, and the challenge of its proofs."""
    ballot, manifest = _ballot(given), _manifest(given)
    statements = [row.statement() for row in ballot.rows]
    c = proof_challenge(manifest.hash, ballot.panel, ballot.key, ballot.sequence, statements)
    return {
        "panel": ballot.panel,
        "key": ballot.key.hex(),
        "sequence": ballot.sequence,
        "rows": len(ballot.rows),
        "challenge": c.encode().hex(),
    }


@reads("8.3-token")
def read_token(given: Given) -> Values:
    """Ballot and manifest → nothing."""
    check_token(_ballot(given), _manifest(given))
    return {}


@reads("8.4-signature")
def read_signature(given: Given) -> Values:
    """Ballot and manifest → nothing."""
    check_signature(_ballot(given))
    return {}


@reads("8.5-proof")
def read_proof(given: Given) -> Values:
    """Ballot and manifest → nothing."""
    check_proofs(_ballot(given), _manifest(given))
    return {}


@reads("8.5-encryption")
def read_encryption(given: Given) -> Values:
    """Choices and a stream of random bytes → the ballot.

    64 bytes each by wide reduction, row by row: r, the nonce w, then c_j and z_j of every other branch in
    order.
    """
    stream, at = given.raw("random"), 0

    def take(length: int) -> bytes:
        nonlocal at
        at += length
        assert at <= len(stream)
        return stream[at - length : at]

    manifest, seed = _manifest(given), given.raw("ballot_seed")
    key = given.raw("ballot_key")
    sealed = seal_body(
        manifest, given.number("panel"), given.numbers("choices"), key, given.number("sequence"), take
    )
    assert at == len(stream)
    return {"ballot": sign_body(sealed, seed, given.raw("token")).hex()}


@reads("8.5-plaintext")
def read_plaintext(given: Given) -> Values:
    """Key, choice, r → α, β."""
    key = Point.decode(given.raw("election_key"), check="8.5", where="election_key")
    r = Scalar.decode(given.raw("r"), check="8.5", where="r")
    alpha, beta = choice_proof.encryption(key, given.number("choice"), r)
    return {"alpha": alpha.encode().hex(), "beta": beta.encode().hex()}


@reads("8.6-unique")
def read_unique(given: Given) -> Values:
    """Ballots → nothing."""
    manifest = _manifest(given)
    check_unique(
        [(f"board[{i}]", decode_ballot(raw, manifest)) for i, raw in enumerate(given.raws("ballots"))]
    )
    return {}


@reads("8.7-tracker")
def read_tracker(given: Given) -> Values:
    """Ballot → digest, tracker, the tracker in writing."""
    ballot = _ballot(given)
    return {
        "digest": ballot.digest.hex(),
        "tracker": ballot.tracker.hex(),
        "written": write_code(ballot.tracker),
    }


@reads("8.8-opening")
def read_opening(given: Given) -> Values:
    """Body, choices, randomness → tracker."""
    randomness = [
        Scalar.decode(raw, check="8.8", where="opening.randomness") for raw in given.raws("randomness")
    ]
    ballot = check_opening(given.raw("body"), given.numbers("choices"), randomness, _manifest(given))
    return {"tracker": ballot.tracker.hex()}


@reads("8.9-seeded")
def read_seeded(given: Given) -> Values:
    """Choices and a seed → the body made from its draws."""
    manifest, draw = _manifest(given), seeded(given.raw("seed"))
    panel, sequence = given.number("panel"), given.number("sequence")
    sealed = seal_body(manifest, panel, given.numbers("choices"), given.raw("ballot_key"), sequence, draw)
    return {"body": sealed.body.hex()}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 8."""
    for i in range(len(vote.ballots)):
        book.good("8.2-decode", f"ballot {i}", "the small vote", ballot=f"@ballot{i}", manifest="@manifest")
    for folder in ("8.3-token", "8.4-signature", "8.5-proof", "8.7-tracker"):
        for i in (0, 5):
            book.good(folder, f"ballot {i}", "the small vote", ballot=f"@ballot{i}", manifest="@manifest")
    _decoding(book)
    _tokens(book, vote)
    _signatures(book, vote)
    _proofs(book, vote)
    _encryption(book, vote)
    _unique(book, vote)
    _openings(book, vote)


def _at(position: int, raw: bytes, base: str = "@ballot0") -> Values:
    return {"of": base, "at": position, "bytes": raw.hex()}


def _decoding(book: Book) -> None:
    def bad(name: str, why: str, kind: str, ballot: object) -> None:
        book.bad("8.2-decode", name, why, (kind, "8.2"), ballot=ballot, manifest="@manifest")

    bad("magic", "TNB2", "Malformed", _at(0, b"TNB1"))
    bad("other vote", "this M", "Inconsistent", _at(4, bytes(32)))
    bad("no such panel", "an existing panel", "Inconsistent", _at(36, (3).to_bytes(4, "big")))
    bad("far panel", "an existing panel", "Inconsistent", _at(36, b"\xff" * 4))
    bad("panel of another length", "the panel fixes the length", "Malformed", _at(36, (2).to_bytes(4, "big")))
    bad("sequence 0", "from 1", "Malformed", _at(72, bytes(4)))
    bad("one byte less", "exact length", "Malformed", {"of": "@ballot0", "cut": 1})
    bad("one byte more", "exact length", "Malformed", {"of": "@ballot0", "append": "00"})
    bad("one row less", "exact length", "Malformed", {"of": "@ballot0", "cut": ROW})
    bad("one row more", "exact length", "Malformed", {"of": "@ballot0", "append": "00" * ROW})
    bad("empty", "exact length", "Malformed", "")
    bad("header alone", "exact length", "Malformed", {"of": "@ballot0", "cut": TOKEN + 320 - HEADER})
    names = ["alpha", "beta", *(f"{c}{j}" for j in range(4) for c in "ab")]
    for position, name in enumerate(names):
        for row in (0, 1):
            where = HEADER + row * ROW + 32 * position
            bad(f"row {row} {name} identity", "O is refused", "Malformed", _at(where, bytes(32)))
        where = HEADER + 32 * position
        bad(f"row 0 {name} bit 255", "strict points", "Malformed", _at(where, bytes(31) + b"\x80"))
        bad(f"row 0 {name} negative", "strict points", "Malformed", _at(where, b"\x01" + bytes(31)))
    for position, name in enumerate([*(f"c{j}" for j in (1, 2, 3)), *(f"z{j}" for j in range(4))]):
        where = HEADER + ROW + 320 + 32 * position
        bad(f"row 1 {name} order", "below the order", "Malformed", _at(where, ORDER.to_bytes(32, "little")))
        bad(f"row 1 {name} most", "below the order", "Malformed", _at(where, b"\xff" * 32))


def _tokens(book: Book, vote: Vote) -> None:
    refused = ("BadSignature", "8.3")

    def bad(name: str, why: str, ballot: Values, manifest: object = "@manifest") -> None:
        book.bad("8.3-token", name, why, refused, ballot=ballot, manifest=manifest)

    bad("token of another ballot", "for another ballot key", _at(TOKEN, vote.ballots[1].token))
    bad("token of another panel", "another panel's key", _at(TOKEN, vote.ballots[3].token))
    bad("other panel", "the panel is in the message", _at(36, (1).to_bytes(4, "big")))
    bad("other key", "the ballot key is in the message", _at(40, vote.ballots[1].key))
    bad("zeros", "no signature", _at(TOKEN, bytes(256)))
    bad("most", "above the modulus", _at(TOKEN, b"\xff" * 256))
    modulus = vote.token_keys[0].private.public_key().public_numbers().n
    more = int.from_bytes(vote.ballots[0].token, "big") + modulus
    if more < 2**2048:
        bad("plus modulus", "below the modulus", _at(TOKEN, more.to_bytes(256, "big")))
    other, manifest = _other_manifest(vote)
    bad("other vote", "M is in the message", _at(4, other), manifest)


def _other_manifest(vote: Vote) -> tuple[bytes, Values]:
    """The same vote and keys under another title: M of it."""
    patch: Values = {"of": "@manifest", "set": {"definition/title/en": "Other"}}
    text = Given({"m": patch}, vote.entries()).document("m")
    return decode_manifest(text).hash, patch


def _signatures(book: Book, vote: Vote) -> None:
    def bad(name: str, why: str, ballot: Values) -> None:
        book.bad("8.4-signature", name, why, ("BadSignature", "8.4"), ballot=ballot, manifest="@manifest")

    one = vote.ballots[1]
    bad("signature of another", "by this key, over this body", _at(SIGNATURE, one.signature))
    bad("token of another", "the token is signed", _at(TOKEN, one.token))
    bad("other sequence", "the sequence is signed", _at(72, (9).to_bytes(4, "big")))
    bad("other panel", "the panel is signed", _at(36, (1).to_bytes(4, "big")))
    bad("other key", "the key is signed", _at(40, one.key))
    bad("rows exchanged", "the rows are signed", _exchanged(vote))
    bad("key of small order", "no key that signs everything", _at(40, b"\x01" + bytes(31)))
    last = vote.ballots[0].raw[-32:]
    more = (int.from_bytes(last, "little") + ORDER).to_bytes(32, "little")
    bad("s plus order", "S has one form", _at(SIGNATURE + 32, more))


def _exchanged(vote: Vote) -> Values:
    raw = vote.ballots[0].raw
    return _at(HEADER, raw[HEADER + ROW : HEADER + 2 * ROW] + raw[HEADER : HEADER + ROW])


def _proofs(book: Book, vote: Vote) -> None:
    def bad(name: str, why: str, ballot: Values, manifest: object = "@manifest") -> None:
        book.bad("8.5-proof", name, why, ("BadProof", "8.5"), ballot=ballot, manifest=manifest)

    raw, other = vote.ballots[0].raw, vote.ballots[1].raw
    manifest, patch = _other_manifest(vote)
    bad("other vote", "M is in the challenge", _at(4, manifest), patch)
    bad("other panel", "the panel is in the challenge", _at(36, (1).to_bytes(4, "big")))
    bad("other key", "the ballot key is in the challenge", _at(40, vote.ballots[1].key))
    bad("other sequence", "the sequence is in the challenge", _at(72, (2).to_bytes(4, "big")))
    bad("rows exchanged", "the order of the rows is in the challenge", _exchanged(vote))
    bad("row of another ballot", "all rows are in the challenge", _at(HEADER, other[HEADER : HEADER + ROW]))
    key = {"of": "@manifest", "set": {"election_key": vote.keys.verification_keys[0].encode().hex()}}
    hashed = decode_manifest(Given({"m": key}, vote.entries()).document("m")).hash
    bad("other election key", "for this key", _at(4, hashed), key)
    for position in range(10):
        at = HEADER + 32 * position
        name = (["alpha", "beta"] + [f"{c}{j}" for j in range(4) for c in "ab"])[position]
        bad(f"{name} of another", "every point is in the challenge", _at(at, other[at : at + 32]))
    for position in range(7):
        at = HEADER + 320 + 32 * position
        value = (int.from_bytes(raw[at : at + 32], "little") + 1) % ORDER
        name = [*(f"c{j}" for j in (1, 2, 3)), *(f"z{j}" for j in range(4))][position]
        bad(f"{name} plus one", "every scalar is in an equation", _at(at, value.to_bytes(32, "little")))
    for name, j in (("branches 1 and 2", 1), ("branches 2 and 3", 2)):
        at = HEADER + 64 + 64 * j
        points = raw[at + 64 : at + 128] + raw[at : at + 64]
        bad(f"{name} exchanged", "levels in their order", _at(at, points))


def _encryption(book: Book, vote: Vote) -> None:
    take = randomness("encryption")
    for panel, choices in ((0, (0, 1)), (0, (2, 3)), (1, (3, 0)), (2, (1,))):
        seed = take(32)
        made = book.good(
            "8.5-encryption",
            f"panel {panel} choices {' '.join(map(str, choices))}",
            "with a given stream of randomness",
            manifest="@manifest",
            panel=panel,
            choices=list(choices),
            ballot_seed=seed.hex(),
            ballot_key=ballot_public_key(seed).hex(),
            sequence=7,
            token=take(256).hex(),
            random=take(64 * 8 * len(choices)).hex(),
        )
        check_proofs(decode_ballot(bytes.fromhex(made["ballot"]), vote.manifest), vote.manifest)
    for choice in range(6):
        book.good(
            "8.5-plaintext",
            f"choice {choice}",
            "v_j of clause 8",
            election_key="@election_key",
            choice=choice,
            r=Scalar.reduce(take(64)).encode().hex(),
        )
    take = randomness("seeds")
    for panel, choices in ((0, (3, 0)), (2, (2,))):
        book.good(
            "8.9-seeded",
            f"panel {panel}",
            "all randomness out of one seed",
            manifest="@manifest",
            panel=panel,
            choices=list(choices),
            ballot_key=ballot_public_key(take(32)).hex(),
            sequence=2,
            seed=take(32).hex(),
        )


def _unique(book: Book, vote: Vote) -> None:
    folder, ballots = "8.6-unique", [f"@ballot{i}" for i in range(8)]
    book.good(folder, "all", "the small vote", ballots=ballots, manifest="@manifest")
    elsewhere = _at(36, (1).to_bytes(4, "big"))
    book.good(
        folder, "other panel", "within one panel", ballots=["@ballot0", elsewhere], manifest="@manifest"
    )
    raw, refused = vote.ballots[0].raw, ("Duplicate", "8.6")
    alpha, beta = raw[HEADER : HEADER + 32], raw[HEADER + 32 : HEADER + 64]
    for name, why, other in (
        ("twice", "a ballot key occurs once", "@ballot0"),
        ("same key", "also with other rows", _at(40, vote.ballots[0].key, "@ballot1")),
        ("same alpha", "a ciphertext is not copied", _at(HEADER, alpha, "@ballot1")),
        ("same beta", "a ciphertext is not copied", _at(HEADER + 32, beta, "@ballot1")),
        ("alpha in another row", "nor to another row", _at(HEADER + ROW, alpha, "@ballot1")),
        ("alpha as beta", "nor to the other half", _at(HEADER + 32, alpha, "@ballot1")),
    ):
        book.bad(folder, name, why, refused, ballots=["@ballot0", other], manifest="@manifest")
    within = _at(HEADER + ROW, alpha)
    book.bad(folder, "within a ballot", "nor in one ballot", refused, ballots=[within], manifest="@manifest")


def _openings(book: Book, vote: Vote) -> None:
    folder, sealed = "8.8-opening", vote.bodies[0]
    r = [scalar.encode().hex() for scalar in sealed.randomness]
    given: Values = {
        "body": {"of": "@ballot0", "cut": 320},
        "choices": list(sealed.choices),
        "randomness": r,
        "manifest": "@manifest",
    }
    book.good(folder, "plain", "the small vote's first ballot", **given)
    assert sealed.choices == (1, 1)
    for name, kind, check, change in (
        ("other choice", "Inconsistent", "8.8", {"choices": [1, 2]}),
        ("no such choice", "Malformed", "8.8", {"choices": [1, 4]}),
        ("negative choice", "Malformed", "8.8", {"choices": [1, -1]}),
        ("other randomness", "Inconsistent", "8.8", {"randomness": r[::-1]}),
        ("randomness above the order", "Malformed", "8.8", {"randomness": [r[0], "ff" * 32]}),
        ("one choice", "Inconsistent", "8.8", {"choices": [1]}),
        ("three scalars", "Inconsistent", "8.8", {"randomness": [*r, r[0]]}),
        ("whole ballot", "Malformed", "8.2", {"body": "@ballot0"}),
        ("other body", "Inconsistent", "8.8", {"body": {"of": "@ballot1", "cut": 320}}),
        ("bad proof", "BadProof", "8.5", {"body": {**_at(75, b"\x05"), "cut": 320}}),
    ):
        book.bad(folder, name, "what was sealed", (kind, check), **{**given, **change})
    empty = body_header(vote.manifest.hash, 0, bytes(32), 1).hex()
    book.bad(folder, "header alone", "all rows", ("Malformed", "8.2"), **{**given, "body": empty})
