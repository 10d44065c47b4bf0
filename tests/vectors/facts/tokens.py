"""Clause 7: a paper is issued."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from surveys.protocol import token
from surveys.protocol.ballot import token_message
from surveys.protocol.issuance import IssueRequest, check_request, decode_issuance, issue_message
from surveys.protocol.roll_list import decode_roll
from surveys.protocol.secret.blind import blind_with, finalize
from surveys.protocol.secret.sign_token import blind_sign, load_token_key
from surveys.protocol.secret.slip_key import slip_key
from tests.vectors import second
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

KEY = ("Malformed", "7.1")


def public_key(given: Given) -> RSAPublicKey:
    """A key given as DER, or as modulus and exponent (the RFC's keys are longer than ours)."""
    if "key" in given.names():
        return token.decode_key(given.raw("key"))
    n, e = (int.from_bytes(given.raw(name), "big") for name in ("n", "e"))
    return RSAPublicNumbers(e, n).public_key()


@reads("7.1-token-key")
def read_token_key(given: Given) -> Values:
    """DER → modulus."""
    numbers = token.decode_key(given.raw("key")).public_numbers()
    return {"modulus": f"{numbers.n:x}"}


@reads("7.2-token-message")
def read_token_message(given: Given) -> Values:
    """M, panel, ballot key → m."""
    m, panel, key = given.raw("manifest"), given.number("panel"), given.raw("ballot_key")
    return {"message": token_message(m, panel, key).hex()}


@reads("7.2-blind")
def read_blind(given: Given) -> Values:
    """Key, message, salt, blind → blinded message, inverse."""
    key, r = public_key(given), int.from_bytes(given.raw("blind"), "big")
    blinded = blind_with(key, given.raw("message"), given.raw("salt"), r)
    inverse = blinded.inverse.to_bytes(len(blinded.message), "big")
    return {"blinded": blinded.message.hex(), "inverse": inverse.hex()}


@reads("7.2-encoding")
def read_encoding(given: Given) -> Values:
    """Message, salt, bits → EMSA-PSS encoding."""
    encoded = token.emsa_pss(given.raw("message"), given.number("bits"), given.raw("salt"))
    return {"encoded": encoded.hex()}


@reads("7.2-request")
def read_request(given: Given) -> Values:
    """A request for a paper → what is signed."""
    request = IssueRequest(
        given.number("panel"), given.raw("slip"), given.raw("blinded"), given.raw("signature")
    )
    check_request(request, given.raw("manifest"))
    return {
        "message": issue_message(given.raw("manifest"), request.panel, request.slip, request.blinded).hex()
    }


@reads("7.3-blind-sign")
def read_blind_sign(given: Given) -> Values:
    """Private key and blinded message → blind signature."""
    key = load_token_key(given.raw("private"))
    return {"answer": blind_sign(key, given.raw("blinded")).hex()}


@reads("7.4-finalize")
def read_finalize(given: Given) -> Values:
    """Key, message, salt, blind and the registrar's answer → token."""
    key, r = public_key(given), int.from_bytes(given.raw("blind"), "big")
    blinded = blind_with(key, given.raw("message"), given.raw("salt"), r)
    return {"token": finalize(key, given.raw("message"), given.raw("answer"), blinded).hex()}


@reads("8.3-verify")
def read_verify(given: Given) -> Values:
    """Key, message and token → nothing."""
    token.verify(public_key(given), given.raw("message"), given.raw("token"))
    return {}


@reads("7.5-issuance")
def read_issuance(given: Given) -> Values:
    """Issuance file and roll → number of papers by panel."""
    issuance = decode_issuance(given.document("issuance"))
    issuance.check_against(decode_roll(given.document("roll")))
    return {"issued": [len(requests) for requests in issuance.panels]}


@reads("7.3-blinded")
def read_blinded(given: Given) -> Values:
    """Issuance file and each panel's token key → nothing."""
    moduli = [token.decode_key(key).public_numbers().n for key in given.raws("keys")]
    decode_issuance(given.document("issuance")).check_blinded(moduli)
    return {}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 7."""
    _keys(book, vote)
    _blind(book, vote)
    _requests(book, vote)
    _issuance(book, vote)
    _blinded(book, vote)


def _spki(key: RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def _blinded(book: Book, vote: Vote) -> None:
    keys = [key.public_der().hex() for key in vote.token_keys]
    modulus = vote.token_keys[0].private.public_key().public_numbers().n
    book.good("7.3-blinded", "plain", "the small vote", issuance="@issuance", keys=keys)
    for name, why, kind, value in (
        ("zero", "above zero", "Malformed", 0),
        ("modulus", "below the modulus", "Malformed", modulus),
        ("most", "below the modulus", "Malformed", 2**2048 - 1),
        ("of another slip", "each once in a panel", "Duplicate", None),
    ):
        raw = vote.issuance.panels[0][1].blinded if value is None else value.to_bytes(256, "big")
        issuance = {"of": "@issuance", "set": {"panels/0/0/blinded": raw.hex()}}
        book.bad("7.3-blinded", name, why, (kind, "7.3"), issuance=issuance, keys=keys)
    one = (1).to_bytes(256, "big").hex()
    elsewhere = {"of": "@issuance", "set": {"panels/0/0/blinded": one, "panels/1/0/blinded": one}}
    book.good("7.3-blinded", "the same in two panels", "two keys", issuance=elsewhere, keys=keys)


def _keys(book: Book, vote: Vote) -> None:
    folder, good = "7.1-token-key", vote.token_keys[0].public_der()
    book.good(folder, "plain", "2048 bits, exponent 65537", key="@token_key")
    n = vote.token_keys[0].private.public_key().public_numbers().n
    short = second.a_token_key("short", 1024).private.public_key()
    long = RSAPublicNumbers(65537, n << 8 | 1).public_key()
    curve = ec.derive_private_key(12345, ec.SECP256R1()).public_key()
    edwards = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    pss = good.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a"))
    for name, why, key in (
        ("short", "1024 bits", _spki(short)),
        ("long", "2056 bits", _spki(long)),
        ("exponent 3", "65537", _spki(RSAPublicNumbers(3, n).public_key())),
        ("elliptic", "not RSA", _spki(curve)),
        ("edwards", "not RSA", _spki(edwards)),
        ("pss identifier", "rsaEncryption", pss.hex()),
        ("bytes behind", "nothing behind", good.hex() + "00"),
        ("cut", "the whole of it", good[:-1].hex()),
        ("null missing", "one encoding", good.replace(b"\x05\x00", b"").hex()),
        ("empty", "a key", ""),
    ):
        book.bad(folder, name, why, KEY, key=key)


def _blind(book: Book, vote: Vote) -> None:
    take = randomness("blinding")
    n = vote.token_keys[0].private.public_key().public_numbers().n
    book.good(
        "7.2-token-message",
        "plain",
        "what the registrar signs unseen",
        manifest="@manifest_hash",
        panel=2,
        ballot_key=take(32).hex(),
    )
    message, salt, r = take(60), take(48), int.from_bytes(take(300), "big") % n
    given = {"key": "@token_key", "message": message.hex(), "salt": salt.hex(), "blind": f"{r:0512x}"}
    blinded = book.good("7.2-blind", "plain", "with a given salt and blind", **given)["blinded"]
    book.good("7.2-blind", "blind 2", "another blind: another message", **{**given, "blind": f"{2:0512x}"})
    book.good("7.2-encoding", "2047 bits", "the first bit is zero", message="", salt=salt.hex(), bits=2047)
    answer = book.good(
        "7.3-blind-sign", "plain", "a function of the bytes", private="@token_private", blinded=blinded
    )["answer"]
    book.good("7.4-finalize", "plain", "the token verifies", **given, answer=answer)
    modulus = f"{n:0512x}"
    sign, done = ("Malformed", "7.3"), ("BadSignature", "7.4")
    for name, why, text in (
        ("modulus", "below the modulus", modulus),
        ("most", "below the modulus", "ff" * 256),
        ("short", "256 bytes", blinded[2:]),
        ("long", "256 bytes", "00" + blinded),
        ("empty", "256 bytes", ""),
    ):
        book.bad("7.3-blind-sign", name, why, sign, private="@token_private", blinded=text)
        book.bad("7.4-finalize", name, why, done, **given, answer=text)
    book.bad("7.3-blind-sign", "zero", "above zero", sign, private="@token_private", blinded="00" * 256)
    small = blinded, r
    while int(found := _answer(vote, small[0]), 16) + n >= 2**2048:
        small = _another(vote, message, salt, small[1])
    plus = {**given, "blind": f"{small[1]:0512x}"}
    more = f"{int(found, 16) + n:0512x}"
    book.bad("7.4-finalize", "plus modulus", "the good answer in another form", done, **plus, answer=more)
    wrong = f"{int(answer, 16) ^ 1:0512x}"
    book.bad("7.4-finalize", "wrong answer", "not this key's answer", done, **given, answer=wrong)
    other = blind_sign(vote.token_keys[1], bytes.fromhex(blinded[:-2] + "00")).hex()
    book.bad("7.4-finalize", "other key", "another panel's key", done, **given, answer=other)


def _answer(vote: Vote, blinded: str) -> str:
    return blind_sign(vote.token_keys[0], bytes.fromhex(blinded)).hex()


def _another(vote: Vote, message: bytes, salt: bytes, r: int) -> tuple[str, int]:
    """The same message under the next blind."""
    key = vote.token_keys[0].private.public_key()
    return blind_with(key, message, salt, r + 1).message.hex(), r + 1


def _requests(book: Book, vote: Vote) -> None:
    folder, request = "7.2-request", vote.issuance.panels[0][0]
    given: Values = {
        "manifest": "@manifest_hash",
        "panel": 0,
        "slip": request.slip.hex(),
        "blinded": request.blinded.hex(),
        "signature": request.signature.hex(),
    }
    book.good(folder, "plain", "signed by the slip", **given)
    refused = ("BadSignature", "7.2")
    other = vote.issuance.panels[0][1]
    for name, changed in (
        ("other vote", {"manifest": "@definition_hash"}),
        ("other panel", {"panel": 1}),
        ("other slip", {"slip": other.slip.hex()}),
        ("other message", {"blinded": other.blinded.hex()}),
        ("other signature", {"signature": other.signature.hex()}),
        ("slip of small order", {"slip": "01" + "00" * 31}),
        ("signature short", {"signature": request.signature.hex()[2:]}),
    ):
        book.bad(folder, name, "each field is signed", refused, **{**given, **changed})
    book.bad(folder, "blinded short", "256 bytes", ("Malformed", "7.2"), **{**given, "blinded": "00" * 255})
    book.bad(folder, "slip short", "32 bytes", ("Malformed", "7.2"), **{**given, "slip": "00" * 31})


def _issuance(book: Book, vote: Vote) -> None:
    folder = "7.5-issuance"
    book.good(folder, "plain", "the small vote", issuance="@issuance", roll="@roll")
    book.good(
        folder,
        "none",
        "nobody asked",
        issuance={"of": "@issuance", "set": {"panels": [[], [], []]}},
        roll="@roll",
    )
    first, two, *_ = (
        {"slip": r.slip.hex(), "blinded": r.blinded.hex(), "signature": r.signature.hex()}
        for r in vote.issuance.panels[0]
    )
    stranger = slip_key(b"invented!!", vote.definition.survey).public.hex()

    def bad(name: str, why: str, kind: str, path: str, value: object) -> None:
        issuance = {"of": "@issuance", "set": {path: value}}
        book.bad(folder, name, why, (kind, "7.5"), issuance=issuance, roll="@roll")

    for name, fresh, panel, verdict in (
        ("replaced and issued", stranger, [{**first, "slip": stranger}], None),
        ("replaced and the old one issued", stranger, [first], "Missing"),
    ):
        entries = [{"panel": 0, "old": first["slip"], "new": fresh}]
        given: Values = {
            "issuance": {"of": "@issuance", "set": {"panels": [panel, [], []]}},
            "roll": {"of": "@roll", "set": {"replaced": entries}},
        }
        why = "a paper goes to a current slip"
        if verdict is None:
            book.good(folder, name, why, **given)
        else:
            book.bad(folder, name, why, (verdict, "7.5"), **given)
    bad("order", "sorted by slip", "Inconsistent", "panels/0", [two, first])
    bad("twice", "a slip asks once", "Inconsistent", "panels/0", [first, first])
    bad("not on the roll", "slips of the roll", "Missing", "panels/0", [{**first, "slip": stranger}])
    bad("on another roll", "slips of this panel's roll", "Missing", "panels/1", [first])
    bad("panel missing", "a list a panel", "Inconsistent", "panels", [[first], []])
    bad("format", "of another version", "Malformed", "format", "tin-nhiem/issuance/1")
    bad("blinded short", "256 bytes", "Malformed", "panels/0/0/blinded", "00")
    bad("field too many", "nothing more about a slip", "Malformed", "panels/0/0/time", 1)
