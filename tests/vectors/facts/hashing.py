"""Clause 1: transcripts, digests, challenges, strict signatures."""

from __future__ import annotations

from surveys.protocol import signature
from surveys.protocol.secret import receipt_key
from surveys.protocol.transcript import challenge, digest, hash64, transcript
from surveys.protocol.words import in_words, words_of
from tests.vectors import edwards
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

REFUSED = ("BadSignature", "1.2")


@reads("1-transcript")
def read_transcript(given: Given) -> Values:
    """Label and fields → transcript, its two hashes, its challenge."""
    label, fields = given.text("label"), given.raws("fields")
    return {
        "transcript": transcript(label, *fields).hex(),
        "digest": digest(label, *fields).hex(),
        "hash64": hash64(label, *fields).hex(),
        "challenge": challenge(label, *fields).encode().hex(),
    }


@reads("1.2-signature")
def read_signature(given: Given) -> Values:
    """Key, message and signature → nothing."""
    signature.verify(
        given.raw("key"), given.raw("message"), given.raw("signature"), check="1.2", where="signature"
    )
    return {}


@reads("1.2-sign")
def read_sign(given: Given) -> Values:
    """Seed and message → public key and signature."""
    seed, message = given.raw("seed"), given.raw("message")
    return {
        "key": receipt_key.public_key(seed).hex(),
        "signature": receipt_key.sign(seed, message).hex(),
    }


@reads("1.5-words")
def read_words(given: Given) -> Values:
    """A hash → its twelve syllables, and as they are written."""
    return {"words": list(words_of(given.raw("hash"))), "written": in_words(given.raw("hash"))}


def write(book: Book, _: Vote) -> None:
    """Our vectors of clause 1."""
    take = randomness("clause 1")
    fold = "1-transcript"
    book.good(fold, "no field", "a transcript of its label alone", label="empty", fields=[])
    book.good(fold, "one empty field", "an empty field is not no field", label="empty", fields=[""])
    book.good(fold, "one field", "the length stands in front", label="plan", fields=[take(40).hex()])
    book.good(fold, "border one", "fields ab and c", label="border", fields=["6162", "63"])
    book.good(
        fold, "border two", "fields a and bc: another transcript", label="border", fields=["61", "6263"]
    )
    book.good(
        fold,
        "seven fields",
        "as long as the certificate's",
        label="certificate",
        fields=[take(32).hex() for _ in range(7)],
    )
    _signatures(book)
    for name, why, raw in (
        ("zeros", "the first of each", bytes(32)),
        ("ones", "the last of each", b"\xff" * 32),
        ("counted up", "each its own", bytes(range(32))),
        (
            "all beginnings before i",
            "other letters before i",
            bytes.fromhex("09826a0aa26809a26a0aa26809") + bytes(19),
        ),
        ("random", "as hashes are", take(32)),
        ("random again", "as hashes are", take(32)),
    ):
        book.good("1.5-words", name, why, hash=raw.hex())


def _signatures(book: Book) -> None:
    take, folder = randomness("strict signatures"), "1.2-signature"
    a, _ = edwards.clamped(take(32))
    nonce = int.from_bytes(take(64), "little") % edwards.L
    point = edwards.times(a, edwards.BASE)
    key, message = edwards.encode(point), b"a message"
    good = edwards.sign(a, nonce, message, key)

    def bad(name: str, why: str, signed: bytes, key: bytes = key, message: bytes = message) -> None:
        book.bad(folder, name, why, REFUSED, key=key.hex(), message=message.hex(), signature=signed.hex())

    book.good(
        folder,
        "plain",
        "made by plain integers, accepted by the library",
        key=key.hex(),
        message=message.hex(),
        signature=good.hex(),
    )
    s = int.from_bytes(good[32:], "little")
    bad("s plus order", "S must be below the order", good[:32] + (s + edwards.L).to_bytes(32, "little"))
    bad("s equals order", "S must be below the order", good[:32] + edwards.L.to_bytes(32, "little"))
    bad("other message", "the message is signed", good, message=b"another message")
    bad("flipped bit in R", "R is signed", bytes([good[0] ^ 1]) + good[1:])
    bad("flipped bit in S", "S must fit", good[:32] + bytes([good[32] ^ 1]) + good[33:])
    bad("short", "a signature has 64 bytes", good[:63])
    bad("long", "a signature has 64 bytes", good + b"\0")
    bad("short key", "a key has 32 bytes", good, key=key[:31])
    for i, small in enumerate(edwards.torsion()):
        encoded = edwards.encode(small)
        # S = k·a makes the equation hold with R of small order, once multiplied by 8.
        signed = edwards.sign(a, 0, message, key, encoded)
        bad(f"small order R {i}", "R of small order is refused", signed)
        # With A of small order, S·B = R holds for every message (times 8).
        forged = edwards.sign(0, nonce, message, encoded)
        bad(f"small order key {i}", "a key of small order signs everything", forged, key=encoded)
    for y in range(19):
        encoded = (y + edwards.P).to_bytes(32, "little")
        if edwards.from_y(y, 0) is None or y not in (0, 1, 3, 18):
            continue
        forged = edwards.sign(0, nonce, message, encoded)
        bad(f"key y {y} not canonical", "y is at least the field's size", forged, key=encoded)
        signed = edwards.sign(a, nonce, message, key, encoded)
        bad(f"R y {y} not canonical", "y is at least the field's size", signed)
    bad(
        "identity with sign bit",
        "x = 0 with a sign bit is no encoding",
        edwards.sign(0, nonce, message, (1 | 1 << 255).to_bytes(32, "little")),
        key=(1 | 1 << 255).to_bytes(32, "little"),
    )
    _mixed(book, a, nonce, message, bad)


def _mixed(book: Book, a: int, nonce: int, message: bytes, bad: object) -> None:
    """Keys and R with a part of small order: the cofactorless equation decides."""
    assert callable(bad)
    folder = "1.2-signature"
    eighth = edwards.torsion()[1]
    mixed = edwards.add(edwards.times(a, edwards.BASE), eighth)
    key = edwards.encode(mixed)
    r = edwards.times(nonce, edwards.BASE)
    # k·T vanishes for one message in eight: there both equations hold.
    texts = [f"message {i}".encode() for i in range(64)]
    fits = [edwards.challenge(edwards.encode(r), key, text) % 8 == 0 for text in texts]
    both, only = texts[fits.index(True)], texts[fits.index(False)]
    signed, lenient = edwards.sign(a, nonce, both, key), edwards.sign(a, nonce, only, key)
    assert edwards.holds(mixed, key, r, signed, both, 1)
    assert edwards.holds(mixed, key, r, lenient, only, 8)
    assert not edwards.holds(mixed, key, r, lenient, only, 1)
    book.good(
        folder,
        "mixed order key both equations",
        "a key of mixed order whose small part vanishes: accepted",
        key=key.hex(),
        message=both.hex(),
        signature=signed.hex(),
    )
    bad("mixed order key", "holds only when multiplied by the cofactor", lenient, key=key, message=only)
    pure = edwards.encode(edwards.times(a, edwards.BASE))
    shifted = edwards.encode(edwards.add(r, eighth))
    bad(
        "mixed order R",
        "holds only when multiplied by the cofactor",
        edwards.sign(a, nonce, message, pure, shifted),
        key=pure,
    )
