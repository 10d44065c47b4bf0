"""Clause 6: slips, codes in writing, the roll."""

from __future__ import annotations

from surveys.protocol import codes
from surveys.protocol.manifest import decode_manifest
from surveys.protocol.roll_list import decode_roll, roll_root
from surveys.protocol.secret.slip_key import slip_key
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

CODE = ("Malformed", "6.2")


@reads("6.1-slip-key")
def read_slip_key(given: Given) -> Values:
    """Code, survey id, message → public key and signature."""
    key = slip_key(given.raw("code"), given.raw("survey"))
    return {"public": key.public.hex(), "signature": key.sign(given.raw("message")).hex()}


@reads("6.2-code")
def read_code(given: Given) -> Values:
    """Text → 10 bytes, and how they are written."""
    raw = codes.read_code(given.text("text"))
    return {"code": raw.hex(), "written": codes.write_code(raw)}


@reads("6.2-sheet")
def read_sheet(given: Given) -> Values:
    """Text → 32 bytes, and how they are written."""
    raw = codes.read_sheet(given.text("text"))
    return {"seed": raw.hex(), "written": " ".join(codes.write_sheet(raw))}


@reads("6.3-root")
def read_root(given: Given) -> Values:
    """Keys in any order → root."""
    return {"root": roll_root(given.raws("keys")).hex()}


@reads("6.3-roll")
def read_roll(given: Given) -> Values:
    """Roll file and manifest → nothing."""
    decode_roll(given.document("roll")).check(decode_manifest(given.document("manifest")).definition)
    return {}


@reads("6.4-replaced")
def read_replaced(given: Given) -> Values:
    """Roll file → the current keys of each panel, sorted."""
    roll = decode_roll(given.document("roll"))
    roll.check_replaced()
    return {"current": [sorted(key.hex() for key in keys) for keys in roll.current()]}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 6."""
    take = randomness("clause 6")
    for name, code, survey in (
        ("zeros", bytes(10), bytes(16)),
        ("random", take(10), take(16)),
        ("other survey", bytes(10), bytes(15) + b"\x01"),
    ):
        book.good(
            "6.1-slip-key",
            name,
            "the key of a code in a survey",
            code=code.hex(),
            survey=survey.hex(),
            message=b"message".hex(),
        )
    _codes(book)
    _sheets(book)
    _roll(book, vote)


def _codes(book: Book) -> None:
    take = randomness("codes")
    for name, raw in (("zeros", bytes(10)), ("ones", b"\xff" * 10), ("random", take(10))):
        book.good("6.2-code", name, "as it is written", text=codes.write_code(raw))
    written = codes.write_code(bytes.fromhex("08421084210842108421"))
    text = written.replace("1", "l").replace("0", "o").replace("-", "  ").lower()
    book.good("6.2-code", "as people type it", "small letters, o and l, spaces for dashes", text=text)
    good = codes.write_code(take(10))
    other = codes.ALPHABET[(codes.ALPHABET.index(good[0]) + 1) % 32]
    swapped = good[1] + good[0] + good[2:]
    assert good[0] != good[1]
    with_s, zeros = (
        codes.write_code(b"\xc8" + bytes(9)),
        codes.write_code(bytes.fromhex("08421084210842108421")),
    )
    assert with_s[0] == "S"
    book.good("6.2-code", "with S", "the twin of long s", text=with_s)
    for name, why, text in (
        ("one character wrong", "the check character notices", other + good[1:]),
        ("two exchanged", "the check character notices", swapped),
        ("check character wrong", "17 characters belong together", good[:-1] + other),
        ("too short", "17 characters", good[:-1]),
        ("too long", "17 characters", good + "0"),
        ("letter U", "U is no character of a code", "U" + good[1:]),
        ("accent", "nothing but letters and digits", "É" + good[1:]),
        ("digits of another script", "Arabic-Indic digits are none", "\u0660" + good[1:]),
        ("full width", "full-width letters are none", "\uff10" + good[1:]),
        ("long s", "U+017F turns into S in capitals and is none", with_s.replace("S", "\u017f")),
        ("dotless i", "U+0131 turns into I in capitals and is none", zeros.replace("1", "\u0131")),
        ("empty", "17 characters", ""),
    ):
        book.bad("6.2-code", name, why, CODE, text=text)


def _sheets(book: Book) -> None:
    take = randomness("sheets")
    for name, raw in (("zeros", bytes(32)), ("ones", b"\xff" * 32), ("random", take(32))):
        book.good("6.2-sheet", name, "thirteen groups", text=" ".join(codes.write_sheet(raw)))
    groups = list(codes.write_sheet(take(32)))
    book.good("6.2-sheet", "typed without spaces", "spaces do not count", text="".join(groups).lower())
    swapped = [groups[1], groups[0], *groups[2:]]
    last = groups[12]
    # The last four bits of the 52nd character are zero: set one, with the check character that fits.
    tail = codes.ALPHABET.index(last[3]) ^ 1
    four = [codes.ALPHABET.index(letter) for letter in last[:3]] + [tail]
    spare = last[:3] + codes.ALPHABET[tail] + codes.ALPHABET[codes._group_check(13, four)]
    for name, why, text in (
        ("groups exchanged", "the number of the group is in its check", " ".join(swapped)),
        ("group missing", "thirteen groups", " ".join(groups[:12])),
        ("group twice", "thirteen groups", " ".join([*groups, last])),
        ("spare bits", "the last four bits are zero", " ".join([*groups[:12], spare])),
        ("group repeated", "each group its own check", " ".join([groups[0], groups[0], *groups[2:]])),
    ):
        book.bad("6.2-sheet", name, why, CODE, text=text)


def _roll(book: Book, vote: Vote) -> None:
    keys = [key.hex() for key in vote.roll.panels[0]]
    book.good("6.3-root", "one", "a leaf", keys=keys[:1])
    book.good("6.3-root", "four", "sorted", keys=keys)
    book.good("6.3-root", "four reversed", "sorted first: the same root", keys=keys[::-1])
    book.good("6.3-roll", "plain", "the small vote", roll="@roll", manifest="@manifest")
    first, second = keys, [key.hex() for key in vote.roll.panels[1]]

    def bad(name: str, why: str, kind: str, value: Values, manifest: object = "@manifest") -> None:
        roll = {"of": "@roll", "set": value}
        book.bad("6.3-roll", name, why, (kind, "6.3"), roll=roll, manifest=manifest)

    bad("format", "of another version", "Malformed", {"format": "tin-nhiem/roll/1"})
    bad("key short", "32 bytes", "Malformed", {"panels/0/0": "00"})
    bad("field too many", "no other field", "Malformed", {"more": []})
    bad("order", "sorted", "Inconsistent", {"panels/0": [first[1], first[0], *first[2:]]})
    bad("repeated", "each key once", "Inconsistent", {"panels/0": [first[0], first[0], *first[2:]]})
    bad("one missing", "as many as voters", "Inconsistent", {"panels/0": first[:-1]})
    bad("one exchanged", "the root is frozen", "Inconsistent", {"panels/1": sorted([*second[:-1], first[0]])})
    bad("panel missing", "a list a panel", "Inconsistent", {"panels": [first, second]})
    root = roll_root([bytes.fromhex(key) for key in first[:3]]).hex()
    frozen = {"of": "@manifest", "set": {"definition/panels/1/roll": root}}
    bad("on two rolls", "no key stands on two rolls", "Inconsistent", {"panels/1": first[:3]}, frozen)
    _replaced(book, vote)


def _replaced(book: Book, vote: Vote) -> None:
    folder, panels = "6.4-replaced", vote.roll.panels
    one, two, *_ = (key.hex() for key in panels[0])
    other = panels[1][0].hex()
    new = [slip_key(b"%010d" % n, vote.definition.survey).public.hex() for n in range(3)]

    def entry(panel: int, old: str, fresh: str) -> Values:
        return {"panel": panel, "old": old, "new": fresh}

    def roll(*entries: Values) -> Values:
        return {"of": "@roll", "set": {"replaced": list(entries)}}

    book.good(folder, "none", "the small vote", roll="@roll")
    book.good(folder, "one", "its new key is current", roll=roll(entry(0, one, new[0])))
    three = entry(0, one, new[2]), entry(0, two, new[1]), entry(1, other, new[0])
    book.good(folder, "three", "by panel and old key", roll=roll(*three))
    for name, why, kind, entries in (
        ("order", "sorted by panel", "Inconsistent", three[::-1]),
        ("order of keys", "sorted by old key", "Inconsistent", (three[1], three[0])),
        ("twice", "a slip has one entry", "Inconsistent", (three[0], entry(0, one, new[1]))),
        ("same new key", "a new key is one voter's", "Inconsistent", (three[0], entry(0, two, new[2]))),
        ("new key on the roll", "it would be two voters'", "Inconsistent", (entry(0, one, two),)),
        ("new key on another roll", "it would vote twice", "Inconsistent", (entry(0, one, other),)),
        ("by itself", "nothing was replaced", "Inconsistent", (entry(0, one, one),)),
        ("stranger", "only frozen slips are replaced", "Missing", (entry(0, new[0], new[1]),)),
        ("slip of another panel", "of this panel", "Missing", (entry(0, other, new[1]),)),
        ("no such panel", "of the definition", "Missing", (entry(9, one, new[1]),)),
    ):
        book.bad(folder, name, why, (kind, "6.4"), roll=roll(*entries))
    malformed = ("Malformed", "6.3")
    book.bad(folder, "new key short", "32 bytes", malformed, roll=roll({**three[0], "new": "00"}))
    book.bad(folder, "field too many", "no other field", malformed, roll=roll({**three[0], "name": "A"}))
    book.bad(folder, "no list", "a field of the file", malformed, roll={"of": "@roll", "drop": ["replaced"]})
