"""Clause 12: sums, shares, the packed logarithm."""

from __future__ import annotations

import json
from dataclasses import replace

from surveys.protocol import canonical
from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.canonical import Fields
from surveys.protocol.choice_proof import value_points
from surveys.protocol.dleq import DleqProof
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, multiply, sum_points
from surveys.protocol.manifest import decode_definition, decode_manifest
from surveys.protocol.plan import decode_plan
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import (
    Share,
    ShareContext,
    check_share,
    coefficient,
    read_share,
    share_message,
    statement,
    weighted,
)
from surveys.protocol.tally import PackedLogarithm, check_counts, decode_tally, open_sums, sums_of
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


def _point(raw: bytes) -> Point:
    return Point.decode(raw, check="12.1", where="point", identity=True)


def _points(given: Given, name: str) -> list[Point]:
    return [_point(raw) for raw in given.raws(name)]


def _context(given: Given) -> ShareContext:
    return ShareContext(given.raw("manifest"), given.raw("board"), given.raw("plan"))


def _cosigners(given: Given) -> Cosigners:
    return Cosigners(tuple(given.numbers("cosigned")), tuple(given.numbers("absent")))


def _share(given: Given, name: str = "share") -> Share:
    value = canonical.decode(given.document(name), check="12.3", where=name)
    return read_share(Fields(value, check="12.3", where=name))


@reads("12.1-sums")
def read_sums(given: Given) -> Values:
    """Ballots and plan → sums."""
    manifest = decode_manifest(given.document("manifest"))
    ballots = [decode_ballot(raw, manifest) for raw in given.raws("ballots")]
    sums = sums_of(manifest, ballots, decode_plan(given.document("plan")))
    return {"sums": [[a.encode().hex(), b.encode().hex()] for a, b in sums]}


@reads("12.1-tally")
def read_tally(given: Given) -> Values:
    """A tally file → its numbers of sums and shares."""
    tally = decode_tally(given.document("tally"))
    assert tally.encode() == given.document("tally")
    return {"sums": len(tally.sums), "shares": len(tally.shares)}


@reads("12.2-own-share")
def read_own_share(given: Given) -> Values:
    """Seed, x_m, what it is bound to and the first components of the sums → the share; the same each time."""
    m = given.number("trustee")
    sheet = Sheet(given.raw("seed"), decode_definition(given.document("definition")), 1, m)
    secret = Scalar.decode(given.raw("secret"), check="12.2", where="secret")
    key = _point(given.raw("verification_key"))
    share = decrypt_sums(sheet, secret, key, _context(given), _cosigners(given), _points(given, "bases"))
    return {"share": share.as_json()}


@reads("12.2-weights")
def read_weights(given: Given) -> Values:
    """Context, trustee, key, bases, points → h, and the weighted sums A* and D*."""
    bases, points = _points(given, "bases"), _points(given, "points")
    key = _point(given.raw("verification_key"))
    h = statement(_context(given), _cosigners(given), given.number("trustee"), key, bases, points)
    return {
        "h": h.hex(),
        "bases": weighted(h, bases).encode().hex(),
        "points": weighted(h, points).encode().hex(),
    }


@reads("12.3-share")
def read_checked_share(given: Given) -> Values:
    """A share and what it is about → nothing."""
    share, key = _share(given), _point(given.raw("verification_key"))
    check_share(share, _context(given), key, given.raw("sign_key"), _points(given, "bases"), "share")
    return {}


@reads("12.4-coefficient")
def read_coefficient(given: Given) -> Values:
    """The trustees used, and one of them → λ."""
    return {"lambda": coefficient(given.number("trustee"), given.numbers("trustees")).encode().hex()}


@reads("12.4-opening")
def read_opening(given: Given) -> Values:
    """Tally file (sums and shares, not checked again) and t → V_s."""
    tally = decode_tally(given.document("tally"))
    opened = open_sums(tally.sums, tally.shares, given.number("threshold"))
    return {"opened": [point.encode().hex() for point in opened]}


@reads("12.5-logarithm")
def read_logarithm(given: Given) -> Values:
    """V, N, L → counts."""
    table = PackedLogarithm(given.number("levels"), given.number("ballots"))
    return {"counts": list(table.solve(_point(given.raw("opened")), given.number("ballots")))}


@reads("12.5-counts")
def read_counts(given: Given) -> Values:
    """Counts, V_s, N_s, L → nothing."""
    counts = [tuple(each) for each in given.value("counts")]
    check_counts(counts, _points(given, "opened"), given.numbers("ballots"), given.number("levels"))
    return {}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 12."""
    _sums(book)
    _tallies(book, vote)
    _shares(book, vote)
    _openings(book, vote)
    _counts(book, vote)


def _sums(book: Book) -> None:
    board = [f"@ballot{i}" for i in range(8)]
    sums: Values = {"manifest": "@manifest", "plan": "@plan"}
    book.good("12.1-sums", "plain", "the small vote", ballots=board, **sums)
    book.good(
        "12.1-sums", "other order", "the order of the ballots does not count", ballots=board[::-1], **sums
    )
    book.good("12.1-sums", "no ballots", "sums of nothing are O", ballots=[], **sums)


def _tallies(book: Book, vote: Vote) -> None:
    book.good("12.1-tally", "plain", "the small vote", tally="@tally")
    for name, check, path, value in (
        ("format", "12.1", "format", "tin-nhiem/tally/1"),
        ("plan short", "12.1", "plan", "00"),
        ("sum of three", "12.1", "sums/0", ["00" * 32] * 3),
        ("sum bit 255", "12.1", "sums/0/0", "00" * 31 + "80"),
        ("point bit 255", "12.3", "shares/0/points/0", "00" * 31 + "80"),
        ("response great", "12.3", "shares/0/proof/response", "ff" * 32),
        ("g identity", "12.3", "shares/0/proof/g", "00" * 32),
        ("trustee 0", "12.3", "shares/0/trustee", 0),
        ("cosigner 0", "12.3", "shares/0/cosigned/0", 0),
        ("cosigner 16", "12.3", "shares/0/cosigned/0", 16),
        ("cosigned a number", "12.3", "shares/0/cosigned", 3),
        ("count negative", "12.5", "counts/0/0", -1),
        ("count true", "12.5", "counts/0/0", True),
        ("count too great", "12.5", "counts/0/0", 2**24),
        ("counts a number", "12.5", "counts/0", 1),
        ("field too many", "12.1", "more", 1),
    ):
        tally = {"of": "@tally", "set": {path: value}}
        book.bad("12.1-tally", name, "form", ("Malformed", check), tally=tally)


def _shares(book: Book, vote: Vote) -> None:
    bases = [alpha.encode().hex() for alpha, _ in vote.sums]
    about: Values = {
        "manifest": "@manifest_hash",
        "board": "@board_root",
        "plan": "@plan_hash",
        "bases": bases,
    }
    for m in (1, 2, 3):
        secret = vote.sheets[m - 1].secret_share(vote.ceremony.commits, vote.ceremony.deals)
        who: Values = {"cosigned": [1, 2, 3], "absent": []}
        own: Values = {"trustee": m, "verification_key": f"@verification_key{m}", **who, **about}
        book.good(
            "12.2-own-share",
            f"trustee {m}",
            "from seed and record",
            seed=f"@seed{m}",
            secret=secret.encode().hex(),
            definition="@definition",
            **own,
        )
        others = [i for i in (1, 2, 3) if i != m]
        fewer: Values = {**own, "cosigned": sorted({m, others[0]}), "absent": others[1:]}
        book.good(
            "12.2-own-share",
            f"trustee {m} with one absent",
            "whom it names absent is bound",
            seed=f"@seed{m}",
            secret=secret.encode().hex(),
            definition="@definition",
            **fewer,
        )
        points = [point.encode().hex() for point in vote.shares[m - 1].points]
        book.good("12.2-weights", f"trustee {m}", "weights from everything they weigh", points=points, **own)
    text = canonical.encode(vote.shares[0].as_json()).decode()
    two = canonical.encode(vote.shares[1].as_json()).decode()
    about |= {"verification_key": "@verification_key1", "sign_key": "@sign_key1"}
    folder = "12.3-share"
    book.good(folder, "plain", "the small vote", share=text, **about)

    def bad(name: str, why: str, kind: str, share: object, **change: object) -> None:
        book.bad(folder, name, why, (kind, "12.3"), share=share, **{**about, **change})

    one, other = json.loads(text), json.loads(two)
    bad("point missing", "one a sum", "Inconsistent", {"of": text, "set": {"points": one["points"][:2]}})
    bad(
        "point too many",
        "one a sum",
        "Inconsistent",
        {"of": text, "set": {"points": [*one["points"], "00" * 32]}},
    )
    for name, path, value in (
        ("points exchanged", "points", one["points"][::-1]),
        ("point of another", "points/0", other["points"][0]),
        ("g of another", "proof/g", other["proof"]["g"]),
        ("a of another", "proof/a", other["proof"]["a"]),
        ("response of another", "proof/response", other["proof"]["response"]),
        ("signature of another", "signature", other["signature"]),
        ("other trustee", "trustee", 2),
        ("other cosigners", "cosigned", [1, 2]),
        ("other absent", "absent", [3]),
    ):
        bad(name, "each field is signed", "BadSignature", {"of": text, "set": {path: value}})
    for name, field in (("vote", "manifest"), ("board", "board"), ("plan", "plan")):
        bad(f"other {name}", "what it is bound to", "BadSignature", text, **{field: "00" * 32})
    bad("other sums", "the sums are bound", "BadSignature", text, bases=bases[::-1])
    bad("other key", "the key is bound", "BadSignature", text, verification_key="@verification_key2")
    bad("other signing key", "the trustee's", "BadSignature", text, sign_key="@sign_key2")
    _signed_shares(vote, bad)


def _signed_shares(vote: Vote, bad: object) -> None:
    """Properly signed by a trustee who cheats."""
    assert callable(bad)
    own, bases = vote.shares[0], [alpha for alpha, _ in vote.sums]
    d = multiply(BASE, Scalar(5))
    (a, b, *rest) = own.points
    k = own.proof
    for name, points, proof in (
        ("one wrong", (a + BASE, b, *rest), k),
        ("one up one down", (a + d, b - d, *rest), k),
        ("exchanged and signed", (b, a, *rest), k),
        ("proof of another", own.points, vote.shares[1].proof),
        ("all zero", (IDENTITY,) * len(own.points), k),
        ("wrong g", own.points, DleqProof(vote.shares[1].proof.g, k.a, k.response)),
        ("wrong a", own.points, DleqProof(k.g, vote.shares[1].proof.a, k.response)),
    ):
        h = statement(vote.context, own.cosigners, 1, vote.keys.verification_keys[0], bases, points)
        made = replace(
            own, points=points, proof=proof, signature=vote.sheets[0].sign(share_message(h, proof))
        )
        bad(f"signed {name}", "the proof holds", "BadProof", canonical.encode(made.as_json()).decode())


def _openings(book: Book, vote: Vote) -> None:
    for trustees in ([1, 2], [1, 3], [2, 3], [1, 2, 3], [2, 5, 9, 15], list(range(1, 15))):
        name = "-".join(map(str, trustees))
        for trustee in {trustees[0], trustees[-1]}:
            book.good(
                "12.4-coefficient",
                f"{trustee} of {name}",
                "Lagrange at 0",
                trustee=trustee,
                trustees=trustees,
            )
    opened = None
    for name, chosen in (("1 and 2", (0, 1)), ("1 and 3", (0, 2)), ("2 and 3", (1, 2)), ("all", (0, 1, 2))):
        shares = [vote.shares[i].as_json() for i in chosen]
        tally = {"of": "@tally", "set": {"shares": shares}}
        made = book.good("12.4-opening", name, "any two open the same", tally=tally, threshold=2)
        assert opened in (None, made)
        opened = made
    refused = ("Inconsistent", "12.4")
    first = vote.shares[0].as_json()
    again = [first, first, vote.shares[1].as_json()]
    for name, shares in (
        ("none", []),
        ("one", [first]),
        ("the same twice", [first, first]),
        ("one and one again", again),
    ):
        tally = {"of": "@tally", "set": {"shares": shares}}
        book.bad("12.4-opening", name, "t different trustees", refused, tally=tally, threshold=2)


def _packed(counts: tuple[int, ...]) -> str:
    units = value_points(len(counts))[1:]
    return sum_points(multiply(u, Scalar(n)) for u, n in zip(units, counts, strict=True)).encode().hex()


def _counts(book: Book, vote: Vote) -> None:
    folder, refused = "12.5-logarithm", ("Inconsistent", "12.5")
    for counts, n in (
        ((3, 4), 9),
        ((0, 0, 0), 5),
        ((5, 0, 0), 5),
        ((0, 5, 0), 5),
        ((0, 0, 5), 5),
        ((2, 17, 1), 30),
        ((1, 2, 3, 4), 10),
        ((1, 0, 2, 0, 3), 7),
        ((0, 0, 0), 0),
    ):
        name = f"{' '.join(map(str, counts))} of {n}"
        book.good(folder, name, "the packed counts", opened=_packed(counts), ballots=n, levels=len(counts))
    for counts, n in (((6, 0, 0), 5), ((2, 2, 2), 5), ((0, 0, 1), 0), ((3, 3), 5), ((1, 1, 1, 1, 1), 4)):
        name = f"{' '.join(map(str, counts))} above {n}"
        book.bad(
            folder, name, "more than ballots", refused, opened=_packed(counts), ballots=n, levels=len(counts)
        )
    minus = (-BASE).encode().hex()
    book.bad(folder, "minus one", "no negative counts", refused, opened=minus, ballots=5, levels=3)
    given: Values = {"opened": [_packed((1, 2, 0)), _packed((0, 0, 4))], "ballots": [3, 5], "levels": 3}
    folder = "12.5-counts"
    book.good(folder, "plain", "multiplied out", counts=[[1, 2, 0], [0, 0, 4]], **given)
    for name, listed in (
        ("other number", [[1, 2, 0], [0, 0, 3]]),
        ("exchanged levels", [[2, 1, 0], [0, 0, 4]]),
        ("carried over", [[1 + 2**24, 1, 0], [0, 0, 4]]),
        ("negative", [[1, 2, 0], [-1, 0, 4]]),
        ("list missing", [[1, 2, 0]]),
        ("level missing", [[1, 2], [0, 0, 4]]),
        ("level too many", [[1, 2, 0, 0], [0, 0, 4]]),
    ):
        book.bad(folder, name, "what the shares open", refused, counts=listed, **given)
    few: Values = {**given, "ballots": [2, 5]}
    book.bad(folder, "more than ballots", "at most N", refused, counts=[[1, 2, 0], [0, 0, 4]], **few)
