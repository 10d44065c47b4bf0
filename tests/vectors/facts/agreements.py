"""Clauses 11.3, 11.4, 12.2 and 13.5: who agreed to what, when it may be opened, and the text of the
minutes.
"""

from __future__ import annotations

from surveys.audit.minutes_text import text_of
from surveys.instants import read_instant
from surveys.protocol.agreement import (
    Cosigners,
    agreement_hash,
    check_agreement,
    cosign_message,
    decode_agreement,
    look_up_left,
)
from surveys.protocol.canonical import encode
from surveys.protocol.manifest import decode_definition
from surveys.protocol.secret.deal import Sheet
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

ATS = ("2026-11-02T10:40:00Z", "2026-11-02T10:41:00Z", "2026-11-02T10:43:30Z")


def _agreed(given: Given) -> bytes:
    return agreement_hash(given.raw("manifest"), given.raw("board"), given.raw("plan"))


@reads("11.3-own-cosignature")
def read_own_cosignature(given: Given) -> Values:
    """Seed, definition, trustee, M, root, P, at → A and the signature."""
    m, agreed = given.number("trustee"), _agreed(given)
    sheet = Sheet(given.raw("seed"), decode_definition(given.document("definition")), 1, m)
    return {
        "agreement": agreed.hex(),
        "signature": sheet.sign(cosign_message(agreed, m, read_instant(given.text("at")))).hex(),
    }


@reads("11.3-agreement")
def read_agreement(given: Given) -> Values:
    """The file, M, root, P, the signing keys in order, t → nothing."""
    cosignatures = decode_agreement(given.document("agreement"))
    check_agreement(cosignatures, _agreed(given), given.raws("keys"), given.number("threshold"))
    return {}


@reads("11.4-look-up")
def read_look_up(given: Given) -> Values:
    """look_up, t, the times of the cosignatures, now, since → whole seconds that are left."""
    left = look_up_left(
        given.number("look_up"),
        given.number("threshold"),
        [read_instant(each) for each in given.value("cosigned_at")],
        read_instant(given.text("now")),
        read_instant(given.text("since")),
    )
    return {"seconds": int(left)}


@reads("12.2-cosigners")
def read_cosigners(given: Given) -> Values:
    """A share's trustee and two lists, n, t → nothing."""
    cosigners = Cosigners(tuple(given.numbers("cosigned")), tuple(given.numbers("absent")))
    cosigners.check(given.number("trustee"), given.number("members"), given.number("threshold"), "share")
    return {}


@reads("13.5-text")
def read_text(given: Given) -> Values:
    """A definition with other fields set, the contests of the results, the minutes → the text."""
    definition = decode_definition(given.document("definition"))
    return {"text": text_of(definition, given.value("contests"), given.value("minutes")).decode()}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of these clauses."""
    _cosignatures(book, vote)
    _look_up(book)
    _cosigners(book)
    _texts(book)


def _cosignatures(book: Book, vote: Vote) -> None:
    about: Values = {"manifest": "@manifest_hash", "board": "@board_root", "plan": "@plan_hash"}
    listed = []
    for i, at in enumerate(ATS, 1):
        given = {"seed": f"@seed{i}", "definition": "@definition", "trustee": i, "at": at, **about}
        made = book.good("11.3-own-cosignature", f"trustee {i}", "from seed and board", **given)
        listed.append({"trustee": i, "at": at, "signature": made["signature"]})
    text = _agreement(listed)
    folder, keys = "11.3-agreement", ["@sign_key1", "@sign_key2", "@sign_key3"]
    keys = [commit.sign_key.hex() for commit in vote.ceremony.commits]
    rest: Values = {"keys": keys, "threshold": 2, **about}
    book.good(folder, "plain", "all three", agreement=text, **rest)
    book.good(folder, "two of three", "t are enough for the file", agreement=_agreement(listed[1:]), **rest)
    sign, form, order = ("BadSignature", "11.3"), ("Malformed", "11.3"), ("Inconsistent", "11.3")
    missing = ("Missing", "11.3")
    for name in about:
        book.bad(
            folder, f"other {name}", "all three are signed", sign, agreement=text, **{**rest, name: "00" * 32}
        )
    book.bad(folder, "one of three", "fewer than t", missing, agreement=_agreement(listed[:1]), **rest)
    book.bad(folder, "none", "fewer than t", missing, agreement=_agreement([]), **rest)
    one, two = listed[0], listed[1]
    for name, why, refusal, cosignatures in (
        ("twice", "each once", order, [one, one]),
        ("order", "ascending", order, [two, one]),
        ("in another name", "the number is signed", sign, [{**two, "trustee": 1}, {**two}]),
        ("other time", "the time is signed", sign, [{**one, "at": ATS[1]}, two]),
        ("no such trustee", "trustee 4 of 3", missing, [one, {**two, "trustee": 4}]),
        ("trustee 0", "counted from 1", form, [{**one, "trustee": 0}, two]),
        ("time without zone", "an instant", form, [{**one, "at": "2026-11-02T10:40:00"}, two]),
        ("no such moment", "an instant", form, [{**one, "at": "2026-11-31T10:40:00Z"}, two]),
        ("signature short", "64 bytes", form, [{**one, "signature": "00" * 63}, two]),
        ("field too many", "these fields", form, [{**one, "more": 1}, two]),
    ):
        book.bad(folder, name, why, refusal, agreement=_agreement(cosignatures), **rest)
    other = {"of": text, "set": {"format": "tin-nhiem/agreement/1"}}
    book.bad(folder, "format", "form", form, agreement=other, **rest)


def _agreement(listed: list[Values]) -> str:
    return encode({"format": "tin-nhiem/agreement/2", "cosignatures": listed}).decode()


def _look_up(book: Book) -> None:
    three = list(ATS)
    base: Values = {"look_up": 30, "threshold": 2, "cosigned_at": three, "since": "2026-11-02T10:40:00Z"}
    for name, why, change in (
        ("own first sight", "the earlier of the two", {"now": "2026-11-02T10:50:00Z"}),
        ("over", "nothing is left", {"now": "2026-11-02T11:10:00Z"}),
        ("a second before", "not yet", {"now": "2026-11-02T11:09:59Z"}),
        (
            "came late",
            "the t-th cosignature counts",
            {"now": "2026-11-02T11:11:00Z", "since": "2026-11-02T11:10:59Z"},
        ),
        (
            "one member claims an early time",
            "fewer than t cannot shorten it",
            {
                "cosigned_at": ["2000-01-01T00:00:00Z", ATS[1], ATS[2]],
                "now": ATS[2],
                "since": ATS[2],
            },
        ),
        (
            "fewer than t have cosigned",
            "the own sight alone",
            {"cosigned_at": three[:1], "now": "2026-11-02T12:00:00Z", "since": "2026-11-02T11:59:00Z"},
        ),
        ("the clock was set back", "it only takes longer", {"now": "2026-11-02T10:39:00Z"}),
        ("none wanted", "0 minutes", {"look_up": 0, "now": "2026-11-02T10:40:00Z"}),
    ):
        book.good("11.4-look-up", name, why, **{**base, **change})


def _cosigners(book: Book) -> None:
    folder = "12.2-cosigners"
    for name, trustee, cosigned, absent, members, threshold in (
        ("all of three", 1, [1, 2, 3], [], 3, 2),
        ("two of three", 2, [1, 2], [3], 3, 2),
        ("four of five", 5, [1, 2, 4, 5], [], 5, 3),
        ("three of five", 3, [1, 3, 5], [2, 4], 5, 3),
        ("four of four", 1, [1, 2, 3, 4], [], 4, 3),
        ("fifteen and eight", 1, list(range(1, 13)), [], 15, 8),
    ):
        lists = {"cosigned": cosigned, "absent": absent, "members": members, "threshold": threshold}
        book.good(folder, name, "q is half of n and t, rounded up", trustee=trustee, **lists)
    refused = ("Inconsistent", "12.2")
    for name, why, trustee, cosigned, absent, members, threshold in (
        ("absent not named", "fewer than q", 1, [1, 2], [], 3, 2),
        ("another named", "exactly the others", 1, [1, 2], [2], 3, 2),
        ("one not named", "exactly the others", 1, [1, 3, 5], [2], 5, 3),
        ("named all the same", "q are there", 1, [1, 2, 3], [3], 3, 2),
        ("fewer than t", "t cosigners at least", 1, [1], [2, 3], 3, 2),
        ("three of four", "q is four", 1, [1, 2, 3], [], 4, 3),
        ("not among them", "its own cosignature", 3, [1, 2], [3], 3, 2),
        ("twice", "each once", 1, [1, 1, 2], [], 3, 2),
        ("order", "ascending", 1, [2, 1, 3], [], 3, 2),
        ("no such member", "n members", 1, [1, 2, 4], [], 3, 2),
        ("none", "t cosigners at least", 1, [], [], 3, 2),
    ):
        lists = {"cosigned": cosigned, "absent": absent, "members": members, "threshold": threshold}
        book.bad(folder, name, why, refused, trustee=trustee, **lists)


def _texts(book: Book) -> None:
    contest = {
        "name": "Nguyễn Văn A",
        "unit": "A",
        "returned": 3,
        "levels": {"high": 1, "plain": 1, "low": 0},
        "percent": {"high": "33.33", "plain": "33.33", "low": "0.00"},
        "not_marked": 1,
        "denominator": {"name": "returned", "n": 3},
        "outcome": "none",
        "withheld": None,
    }
    withheld = {**contest, "name": "Trần Thị B", "withheld": {"vi": "x", "en": "x"}}
    nobody = {**contest, "returned": 0, "percent": {"high": None, "plain": None, "low": None}}
    closed = {"at": "2026-11-02T10:30:00Z", "act": "closed", "by": "hand", "until": None, "reason": ""}
    opened = {**closed, "at": "2026-11-02T01:00:00Z", "act": "opened", "by": "clock"}
    extended = {**closed, "at": "2026-11-02T09:00:00Z", "act": "extended", "reason": "Mất điện"}
    minutes: Values = {
        "number": "12-KH",
        "place": "Hội trường A",
        "closed": closed["at"],
        "log": [opened, {**extended, "until": "2026-11-02T10:30:00Z"}, closed],
        "summoned": 5,
        "present": 4,
        "issued": 3,
        "returned": 3,
        "chair": "Ngô Thị Chín",
        "secretary": "Đỗ Văn Mười",
        "committee": ["Một", "Hai", "Ba"],
        "counted_by": ["Một", "Hai"],
        "absent": ["Ba"],
        "replaced": 1,
        "frozen": [{"contest": 0, "reason": "Nghỉ hưu"}],
        "incidents": ["Mất điện", "Mất mạng"],
        "complaints": [
            {"complaint": "Đơn A", "ruling": "Không có cơ sở"},
            {"complaint": "Đơn B", "ruling": ""},
        ],
        "custodian": "Văn phòng",
        **dict.fromkeys(("manifest", "ceremony", "board", "plan", "results", "roll"), "ab" * 32),
    }
    blank = dict.fromkeys(("number", "place", "chair", "secretary", "custodian"), "")
    empty: Values = {**blank, "frozen": [], "incidents": [], "complaints": [], "absent": []}
    for name, why, definition, contests, change in (
        ("plain", "every line", {}, [contest, withheld], {}),
        ("nothing stated", "blanks and none", {}, [nobody], empty),
        ("west of Greenwich", "a negative offset", {"utc_offset": -210}, [contest], {}),
        (
            "last year there is",
            "no shift out of the years",
            {"utc_offset": 840},
            [],
            {
                "closed": "9999-12-31T23:00:00Z",
            },
        ),
        ("quorum not met", "on integers", {}, [], {"present": 3}),
        (
            "of the state",
            "the first lines follow the letterhead",
            {
                "papers": {
                    "letterhead": "state",
                    "language": "vi",
                    "issued_at": "Hà Nội",
                    "superior": "",
                    "recipients": [],
                }
            },
            [],
            {},
        ),
    ):
        given: Values = {
            "definition": {"of": "@definition", "set": definition},
            "contests": contests,
            "minutes": {**minutes, **change},
        }
        book.good("13.5-text", name, why, **given)
