"""Clause 3: canonical JSON."""

from __future__ import annotations

from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

REFUSED = ("Malformed", "3.1")
FIELD = ("Malformed", "3.2")


@reads("3.1-canonical")
def read_canonical(given: Given) -> Values:
    """Bytes → the value."""
    return {"value": canonical.decode(given.raw("bytes"), check="3.1", where="document")}


@reads("3.1-encode")
def read_encode(given: Given) -> Values:
    """A value → its one encoding."""
    return {"bytes": canonical.encode(given.value("value")).hex()}


@reads("3.2-fields")
def read_fields(given: Given) -> Values:
    """`{"text", "count", "hash"}`, and nothing else: text of 1 to 10, 0 ≤ count ≤ 9, hash 2 bytes."""
    value = canonical.decode(given.document("document"), check="3.2", where="document")
    fields = Fields(value, check="3.2", where="document")
    read = {
        "text": fields.text("text", 10),
        "count": fields.integer("count", 0, 9),
        "hash": fields.hex("hash", 2).hex(),
    }
    fields.done()
    return read


def write(book: Book, _: Vote) -> None:
    """Our vectors of clause 3."""
    folder = "3.1-canonical"

    def good(name: str, why: str, text: str) -> None:
        book.good(folder, name, why, bytes=text.encode().hex())

    def bad(name: str, why: str, raw: str | bytes) -> None:
        raw = raw.encode() if isinstance(raw, str) else raw
        book.bad(folder, name, why, REFUSED, bytes=raw.hex())

    good("empty object", "the least object", "{}")
    good("sorted by utf-16", "U+FB33 after the surrogates of U+1F602", '{"\U0001f602":1,"\ufb33":2}')
    good("greatest integers", "both ends", f"[{2**53 - 1},{1 - 2**53}]")
    good("vietnamese", "text is not escaped", '{"tên":"Tín nhiệm"}')
    good("depth 32", "as deep as allowed", "[" * 32 + "]" * 32)
    bad("byte order mark", "none", b"\xef\xbb\xbf{}")
    bad("not utf-8", "ISO 8859-1", b'{"a":"\xe9"}')
    bad("overlong utf-8", "two bytes for a slash", b'["\xc0\xaf"]')
    bad("same key twice", "the second would hide the first", '{"a":1,"a":2}')
    bad("unsorted", "keys in order", '{"b":1,"a":2}')
    bad("sorted by code point", "the order is that of UTF-16", '{"\ufb33":2,"\U0001f602":1}')
    bad("space", "no space", '{"a": 1}')
    bad("line feed at the end", "nothing behind the value", "{}\n")
    bad("two values", "one value", "{}{}")
    bad("float", "no floating point", "[1.5]")
    bad("integer as float", "1.0 is not 1", "[1.0]")
    bad("exponent", "1e2 is not 100", "[1e2]")
    bad("nan", "not JSON", "[NaN]")
    bad("infinity", "not JSON", "[Infinity]")
    bad("minus zero", "0 has one form", "[-0]")
    bad("too great", "beyond 2^53 - 1", f"[{2**53}]")
    bad("too small", "beyond -(2^53 - 1)", f"[{-(2**53)}]")
    bad("thousands of digits", "refused, without time to convert", "[" + "9" * 5000 + "]")
    bad("depth 33", "deeper than 32", "[" * 33 + "]" * 33)
    bad("depth 100000", "no stack runs over", "[" * 100_000 + "]" * 100_000)
    good("objects at the limit", "1000 + s/24 (3.3)", f"[{','.join(['{}'] * 1142)}]")
    bad("objects beyond the limit", "one more (3.3)", f"[{','.join(['{}'] * 1143)}]")
    bad("braces in a text count", "bytes are counted before parsing (3.3)", f'["{"{" * 2000}"]')
    bad("escaped solidus", "a slash is not escaped", '["\\/"]')
    bad("escaped letter", "a letter is not escaped", '["\\u0061"]')
    bad("capital hex", "escapes are in lowercase", '["\\u001F"]')
    bad("lone surrogate", "no text", '["\\ud800"]')
    bad("control character", "must be escaped", '["\x01"]')
    bad("empty", "no value", "")
    bad("comment", "not JSON", "{}/**/")
    bad("single quotes", "not JSON", "{'a':1}")
    for name, value in (("letters", "Đảng"), ("controls", '\x00\x08\t\n\x0c\r\x1f"\\/\x7f')):
        book.good("3.1-encode", name, "escapes by RFC 8785", value=[value])
    _fields(book)


def _fields(book: Book) -> None:
    base = '{"count":3,"hash":"00ff","text":"Tín"}'
    book.good("3.2-fields", "plain", "all fields, and no other", document=base)
    for name, why, text in (
        ("text not in NFC", "i and a combining accent: nobody asks for a normal form (1.4)", "Ti\u0301n"),
        ("text of 10 emoji", "code points are counted, not their halves", "\U0001f600" * 10),
        ("text with U+FFFD", "a character like others", "\ufffd"),
        ("text of a later Unicode", "U+2FFFD is assigned or not: nobody asks", "\U0002fffd"),
        ("text with zero width space", "U+200B is not refused", "a\u200bb"),
    ):
        book.good("3.2-fields", name, why, document={"of": base, "set": {"text": text}})
    for name, why, value in (
        ("text empty", "1 to 10 characters", {"text": ""}),
        ("text long", "1 to 10 characters", {"text": "x" * 11}),
        ("text with reordering", "U+202E turns what is shown (1.4)", {"text": "a\u202eb"}),
        ("text with isolate", "U+2066 (1.4)", {"text": "a\u2066b"}),
        ("text with delete", "U+007F is a control", {"text": "a\u007fb"}),
        ("text with next line", "U+0085 breaks a line", {"text": "a\u0085b"}),
        ("text with no character", "U+FDD0 (1.4)", {"text": "a\ufdd0b"}),
        ("text with last of a plane", "U+FFFF (1.4)", {"text": "a\uffffb"}),
        ("text with last of plane 16", "U+10FFFE (1.4)", {"text": "a\U0010fffeb"}),
        ("text of 11 emoji", "code points are counted", {"text": "\U0001f600" * 11}),
        ("text with line break", "no control characters", {"text": "a\nb"}),
        ("text with line separator", "U+2028 breaks a line too", {"text": "a\u2028b"}),
        ("text is a number", "a text", {"text": 3}),
        ("count is a text", "an integer", {"count": "3"}),
        ("count is true", "true is not 1", {"count": True}),
        ("count too great", "at most 9", {"count": 10}),
        ("count negative", "at least 0", {"count": -1}),
        ("hash in capitals", "lowercase hex", {"hash": "00FF"}),
        ("hash long", "2 bytes", {"hash": "00ff00"}),
        ("hash odd", "two digits a byte", {"hash": "00f"}),
        ("hash with spaces", "nothing but digits", {"hash": "00 ff"}),
        ("field too many", "no other field", {"more": 1}),
    ):
        book.bad("3.2-fields", name, why, FIELD, document={"of": base, "set": value})
    book.bad("3.2-fields", "field missing", "every field", FIELD, document={"of": base, "drop": ["text"]})
    book.bad("3.2-fields", "not an object", "an object", FIELD, document="[]")
