"""Files that pretend to be bundles: zips that readers disagree on, documents that no canonical encoder
writes, texts that deceive.

Each maker takes a good bundle or member and gives a name and bytes for each deed; what has to be said of them
stands with the tests. Danger: a deed that by chance leaves the bytes as they were would prove nothing, so
makers refuse to.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# Offset and width of what a header says, in both kinds of header.
LOCAL_FIELDS = {
    "signature": (0, 4),
    "flags": (6, 2),
    "method": (8, 2),
    "checksum": (14, 4),
    "packed": (18, 4),
    "size": (22, 4),
    "length of the name": (26, 2),
    "length of the extra field": (28, 2),
}
CENTRAL_FIELDS = {
    "signature": (0, 4),
    "flags": (8, 2),
    "method": (10, 2),
    "checksum": (16, 4),
    "packed": (20, 4),
    "size": (24, 4),
    "length of the name": (28, 2),
    "length of the extra field": (30, 2),
    "length of the comment": (32, 2),
    "disk": (34, 2),
    "place of the header": (42, 4),
}
END_FIELDS = {
    "signature": (0, 4),
    "disk": (4, 2),
    "disk of the directory": (6, 2),
    "entries here": (8, 2),
    "entries": (10, 2),
    "length of the directory": (12, 4),
    "place of the directory": (16, 4),
    "length of the comment": (20, 2),
}
Deeds = Iterator[tuple[str, bytes]]


def packed(raw: bytes) -> bytes:
    """Deflated, without a header."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


def zipped(members: Mapping[str, bytes], forms: Mapping[str, bytes] | None = None) -> bytes:
    """A bundle as 14.1 wants it; `forms` gives the packed form of a member, where it is not the usual one."""
    out, directory = bytearray(), bytearray()
    for name, raw in members.items():
        form = (forms or {}).get(name) or packed(raw)
        both = struct.pack("<HHHHIII", 0, 8, 0, 0x21, zlib.crc32(raw), len(form), len(raw))
        lengths = struct.pack("<HH", len(name), 0)
        head = CENTRAL + b"\x14\x03\x14\x00" + both + lengths
        directory += head + struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(out)) + name.encode()
        out += LOCAL + b"\x14\x00" + both + lengths + name.encode() + form
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory + END + end)


def altered_headers(good: bytes) -> Deeds:
    """Every field of a member's two headers and of the end record, one more and all ones."""
    first = good.index(CENTRAL)
    end = len(good) - 22
    for kind, at, fields in (
        ("local", 0, LOCAL_FIELDS),
        ("directory", first, CENTRAL_FIELDS),
        ("end", end, END_FIELDS),
    ):
        for name, (offset, width) in fields.items():
            place = at + offset
            was = int.from_bytes(good[place : place + width], "little")
            for how, value in (("one more", was + 1), ("all ones", 256**width - 1)):
                raw = bytearray(good)
                raw[place : place + width] = (value % 256**width).to_bytes(width, "little")
                yield f"{kind}, {name}: {how}", bytes(raw)


def bent(good: bytes) -> Deeds:
    """Bytes before, between and behind; two archives in one; a file cut short; a foreign file in front."""
    first = good.index(CENTRAL)
    yield "bytes in front", b"MZ" + good
    yield "bytes behind", good + b"\0"
    yield "a comment", good[:-2] + b"\x04\x00note"
    yield "bytes before the directory", good[:first] + b"hide" + good[first:]
    yield "two archives", good + good
    yield "an empty archive behind", good + END + bytes(18)
    yield "an end record inside", good[:first] + END + bytes(18) + good[first:]
    yield "zip64 locator", good[:-22] + b"PK\x06\x07" + bytes(16) + good[-22:]
    yield "nothing", b""
    yield "an end alone", good[-22:]
    yield "no end", good[:-22]
    yield "no directory", good[:first]
    for share in (2, 3, 5, 7):
        yield f"cut after one {share}th", good[: len(good) // share]


# What the packed form of a member may be instead of one that packs it.
def forms_of(raw: bytes) -> Deeds:
    """Packed forms that unpack to too much, too little, nothing or for ever, or to the same in a forbidden
    way.
    """
    good = packed(raw)
    yield "bytes behind the form", good + b"\0"
    yield "cut short", good[:-1]
    yield "nothing packed", b""
    yield "a reserved block", b"\x07"
    yield "a stored block with a wrong complement", b"\x01\x01\x00\x00\x00x"
    yield "a stored block that is cut", b"\x01\xff\xff\x00\x00x"
    yield "a distance before the beginning", b"\x4b\x04\x12\x00"
    yield "with a zlib header", zlib.compress(raw)
    yield "as gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + good
    yield "another text", packed(raw + b" ")
    yield "one byte less", packed(raw[:-1])
    yield "ten thousand empty blocks that never end", b"\x00\x00\x00\xff\xff" * 10_000


Spoil = Callable[[bytes], bytes]


def _once(old: bytes, new: bytes) -> Spoil:
    def spoil(raw: bytes) -> bytes:
        assert old in raw, old
        return raw.replace(old, new, 1)

    return spoil


def _first(new: bytes) -> Spoil:
    """One more field at the beginning, before all others."""
    return lambda raw: raw[:1] + new + b"," + raw[1:]


def _last(new: bytes) -> Spoil:
    return lambda raw: raw[:-1] + b"," + new + raw[-1:]


def _nested(deep: int) -> bytes:
    return b'"a":' + b"[" * deep + b"]" * deep


# Every member of ours is an object that begins with `{"` and holds a field whose value is a text.
UNCANONICAL: Mapping[str, Spoil] = {
    "empty": lambda raw: b"",
    "null": lambda raw: b"null",
    "a list": lambda raw: b"[]",
    "a number": lambda raw: b"1",
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "a line end": lambda raw: raw + b"\n",
    "a space in front": lambda raw: b" " + raw,
    "a space after a colon": _once(b'":', b'": '),
    "a NUL behind": lambda raw: raw + b"\0",
    "in UTF-16": lambda raw: raw.decode().encode("utf-16"),
    "in UTF-16 without a mark": lambda raw: raw.decode().encode("utf-16-le"),
    "twice": lambda raw: raw + raw,
    "cut by a byte": lambda raw: raw[:-1],
    "a comma at the end": lambda raw: raw[:-1] + b",}",
    "a comment": lambda raw: b"/**/" + raw,
    "single quotes": _once(b'{"', b"{'"),
    "an escaped letter": _once(b'{"', b'{"\\u0061":1,"'),
    "an escaped solidus": _first(b'"a":"\\/"'),
    "a field more": _first(b'"a":1'),
    "an empty name": _first(b'"":1'),
    "a field for JavaScript": _first(b'"__proto__":{"format":1}'),
    "a constructor": _last(b'"zz":{"constructor":{"prototype":{}}}'),
    "a field twice": lambda raw: b"{" + raw[1 : raw.index(b":")] + b":0," + raw[1:],
    "a fraction": _first(b'"a":1.5'),
    "a whole fraction": _first(b'"a":1.0'),
    "an exponent": _first(b'"a":1e2'),
    "minus zero": _first(b'"a":-0'),
    "a plus": _first(b'"a":+1'),
    "a zero in front": _first(b'"a":01'),
    "hexadecimal": _first(b'"a":0x1'),
    "2^53": _first(b'"a":9007199254740992'),
    "five thousand digits": _first(b'"a":' + b"9" * 5000),
    "not a number": _first(b'"a":NaN'),
    "infinite": _first(b'"a":Infinity'),
    "undefined": _first(b'"a":undefined'),
    "a lone surrogate, escaped": _first(b'"a":"\\ud800"'),
    "a pair of surrogates, escaped": _first(b'"a":"\\ud83d\\ude00"'),
    "a surrogate in UTF-8": _first(b'"a":"\xed\xa0\x80"'),
    "a pair of surrogates in UTF-8": _first(b'"a":"\xed\xa0\xbd\xed\xb8\x80"'),
    "an overlong letter": _first(b'"a":"\xc1\xa1"'),
    "five bytes for a letter": _first(b'"a":"\xf8\x88\x80\x80\x80"'),
    "beyond the last letter": _first(b'"a":"\xf4\x90\x80\x80"'),
    "a byte that is no letter": _first(b'"a":"\xff"'),
    "a control character as it is": _first(b'"a":"\x01"'),
    "a line end in a text": _first(b'"a":"\n"'),
    "a broken escape": _first(b'"a":"\\x41"'),
    "33 levels": _first(_nested(33)),
    "ten thousand levels": _first(_nested(10_000)),
    "levels that do not close": lambda raw: b"[" * 50_000,
}


def uncanonical(raw: bytes) -> Deeds:
    """A document that no canonical encoder writes, or that holds a field more."""
    for name, spoil in UNCANONICAL.items():
        spoilt = spoil(raw)
        assert spoilt != raw, name
        yield name, spoilt
