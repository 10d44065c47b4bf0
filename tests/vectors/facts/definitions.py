"""Clause 4: definition and manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from surveys.protocol import canonical
from surveys.protocol.definition import Root
from surveys.protocol.form import decode_form, form_of
from surveys.protocol.manifest import decode_definition, decode_manifest
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads, walk
from tests.vectors.vote import Vote

FORM = ("Malformed", "4.1")
CONSISTENCY = ("Inconsistent", "4.2")


@reads("4.1-form")
def read_form(given: Given) -> Values:
    """A manifest's form → nothing."""
    decode_manifest(given.document("manifest"))
    return {}


@reads("4.2-consistency")
def read_consistency(given: Given) -> Values:
    """A definition → nothing."""
    decode_definition(given.document("definition")).check()
    return {}


@reads("4.3-definition-hash")
def read_definition_hash(given: Given) -> Values:
    """A definition → D."""
    return {"digest": decode_definition(given.document("definition")).digest.hex()}


@reads("4.4-manifest-hash")
def read_manifest_hash(given: Given) -> Values:
    """A manifest → M and D."""
    manifest = decode_manifest(given.document("manifest"))
    return {"hash": manifest.hash.hex(), "digest": manifest.definition.digest.hex()}


@reads("4.5-roots")
def read_roots(given: Given) -> Values:
    """A definition → the three roots and each panel's form hash, worked out from the lists."""
    definition = decode_definition(given.document("definition"))
    roots = definition.roots
    lists = {"units": roots.units, "panels": roots.panels, "contests": roots.contests}
    return {
        **{name: [each.size, each.root.hex()] for name, each in lists.items()},
        "forms": [form.hex() for form in definition.forms],
    }


@reads("4.6-form")
def read_voters_form(given: Given) -> Values:
    """The root of the panels of a head, and a form → its panel."""
    form = decode_form(given.document("form"))
    form.check(Root(given.number("size"), given.raw("root")))
    return {"panel": form.panel}


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 4."""
    book.good("4.1-form", "plain", "the small vote", manifest="@manifest")
    book.good("4.2-consistency", "plain", "the small vote", definition="@definition")
    book.good("4.3-definition-hash", "plain", "D of the small vote", definition="@definition")
    book.good("4.4-manifest-hash", "plain", "M of the small vote", manifest="@manifest")
    book.good(
        "4.5-roots", "plain", "the roots and forms that the small vote states", definition="@definition"
    )
    for path, value in _OTHERS.items():
        other = {"of": "@manifest", "set": {f"definition/{path}": value}}
        name = path.replace("/", " ")
        book.good("4.4-manifest-hash", f"other {name}", "every field is bound by D and M", manifest=other)
    for path, value in _LISTED.items():
        other = {"of": "@definition", "set": {path: value}}
        name = path.replace("/", " ")
        book.good("4.5-roots", f"other {name}", "every field of a list is bound by a root", definition=other)
        why = "bound by a root, and so by D and M"
        book.bad("4.2-consistency", f"other {name}", why, CONSISTENCY, definition=other)
    _voters_forms(book, vote)
    _forms(book)
    _consistency(book, vote)


_PAPERS: Values = {
    "letterhead": "state",
    "language": "en",
    "issued_at": "Hà Nội",
    "superior": "Đảng bộ tỉnh",
    "recipients": ["Ban Thường vụ", "Lưu"],
}
_OTHERS: Values = {
    "survey": "ff" * 16,
    "title/vi": "Khác",
    "title/en": "Other",
    "organisation": "Khác",
    "number": "1-KH",
    "place": "Khác",
    "year": 2027,
    "opens": "2026-11-01T01:00:00Z",
    "closes": "2026-11-03T10:00:00Z",
    "time_zone": "UTC",
    "rule/denominator": "summoned",
    "rule/levels/0/vi": "Khác",
    "k": 4,
    "revoting": False,
    "subjects_vote": False,
    "slips": "mailed",
    "visibility": "public",
    "threshold": 3,
    "trustees/0": "Khác",
    "utc_offset": 0,
    "look_up": 31,
    "voters": 11,
    "roots/units/size": 5,
    "roots/units/root": "00" * 32,
    "roots/panels/size": 4,
    "roots/panels/root": "00" * 32,
    "roots/contests/size": 2,
    "roots/contests/root": "00" * 32,
    "box_key": "00" * 32,
    "software": "other 1.0",
    "clients": [{"name": "booth", "sha256": "00" * 32}],
    "papers": _PAPERS,
}


_LISTED: Values = {
    "units/1/name": "Khác",
    "units/1/kind": "other",
    "panels/0/voters": 5,
    "panels/0/roll": "00" * 32,
    "panels/0/token_key": "00",
    "panels/0/form": "00" * 32,
    "contests/0/name": "Khác",
    "contests/0/titles": [],
    "contests/0/previous": None,
    "contests/0/previous/summoned": None,
    "contests/0/previous/levels/low": 4,
}


def _voters_forms(book: Book, vote: Vote) -> None:
    """4.6: what a voter's client loads."""
    root = vote.definition.roots.panels
    of = {"size": root.size, "root": root.root.hex()}
    for p in range(3):
        text = form_of(vote.definition, p).encode().decode()
        book.good("4.6-form", f"panel {p}", "the form and its path", **of, form=text)
    text = form_of(vote.definition, 0).encode().decode()

    def bad(name: str, why: str, refusal: str = "Inconsistent", **changes: object) -> None:
        set_ = {path.replace("__", "/"): value for path, value in changes.items()}
        form = {"of": text, "set": set_}
        book.bad("4.6-form", name, why, (refusal, "4.6"), **of, form=form)

    other = json.loads(form_of(vote.definition, 1).encode())
    bad("other title", "the form's hash", contests__0__titles=["Khác"])
    bad("other name of a unit", "the form's hash", units__1__name="Khác")
    bad("other name of its own unit", "the form's hash", unit__name="Khác")
    bad("other token key", "the path", entry__token_key=other["entry"]["token_key"])
    bad("other voters", "the path", entry__voters=5)
    bad("entry of another panel", "the form's hash", entry=other["entry"])
    bad("unit of another panel", "the unit of the entry", unit=other["unit"])
    bad("contest left out", "as many as the entry lists", contests=other["contests"][:1])
    bad("unit left out", "one for each contest", units=other["units"][:1])
    bad("unit of another contest", "the unit of its contest", units__1=other["units"][0])
    contests = json.loads(text)["contests"]
    bad(
        "contests exchanged",
        "the form's hash",
        contests=contests[::-1],
        units=json.loads(text)["units"][::-1],
    )
    path = json.loads(text)["path"]
    bad("path too short", "to the root", path=path[:-1])
    bad("path too long", "to the root", path=[*path, path[0]])
    bad("path of another", "to the root", path=other["path"])
    bad("as another panel", "the index is in the path", panel=1)
    bad("beyond the size", "the index is below the size", panel=3)
    bad("format", "of another version", "Malformed", format="tin-nhiem/form/1")
    bad("field too many", "no other field", "Malformed", more=1)
    bad("titles a text", "the form of 4.1", "Malformed", contests__0__titles="x")
    bad("unit without kind", "the form of 4.1", "Malformed", unit={"code": "P0", "name": "x", "parent": "K"})
    bad("path step short", "32 bytes", "Malformed", path=["00"])
    book.bad(
        "4.6-form",
        "root of another vote",
        "to the root",
        ("Inconsistent", "4.6"),
        size=3,
        root="00" * 32,
        form=text,
    )
    book.bad(
        "4.6-form",
        "other size",
        "the size is in the path",
        ("Inconsistent", "4.6"),
        size=5,
        root=of["root"],
        form=text,
    )


def bound(document: Values) -> str:
    """The document with the roots and forms that its lists have: what is wrong with it is something else."""
    read = decode_definition(canonical.encode(document))
    panels = tuple(replace(panel, form=None) for panel in read.panels)
    return canonical.encode(replace(read, panels=panels, stated=None).as_json()).decode()


def _forms(book: Book) -> None:
    def bad(name: str, why: str, path: str, value: object) -> None:
        book.bad("4.1-form", name, why, FORM, manifest={"of": "@manifest", "set": {path: value}})

    bad("format", "of another version", "format", "tin-nhiem/manifest/1")
    bad("definition format", "of another version", "definition/format", "tin-nhiem/definition/1")
    bad("election key identity", "O is no key", "election_key", "00" * 32)
    bad("election key bit 255", "strict decoding", "election_key", "00" * 31 + "80")
    bad("ceremony short", "32 bytes", "ceremony", "00" * 31)
    bad("field too many", "no other field", "definition/more", 1)
    bad("manifest field too many", "no other field", "more", 1)
    for path, value in (
        ("survey", "00" * 15),
        ("survey", "AB" * 16),
        ("title/vi", ""),
        ("title/en", "x" * 301),
        ("title/fr", "Titre"),
        ("organisation", "dòng\nhai"),
        ("organisation", "a\u202eb"),
        ("year", 1899),
        ("year", "2026"),
        ("opens", "2026-11-02 01:00:00"),
        ("opens", "2026-13-02T01:00:00Z"),
        ("closes", "2026-11-02T24:00:00Z"),
        ("closes", "2027-02-29T10:00:00Z"),
        ("opens", "0000-01-01T00:00:00Z"),
        ("rule", []),
        ("rule/levels", {}),
        ("rule/name", 3),
        ("k", 2),
        ("k", True),
        ("revoting", 1),
        ("subjects_vote", None),
        ("slips", "spoken"),
        ("visibility", "nobody"),
        ("threshold", 1),
        ("trustees", ["A", "B"]),
        ("trustees", [f"T{i}" for i in range(16)]),
        ("units/0/more", 1),
        ("units/0/kind", ""),
        ("panels/0/voters", 0),
        ("panels/0/roll", "00"),
        ("panels/0/contests", ["0"]),
        ("panels/0/contests", [-1]),
        ("panels/0/form", "00"),
        ("contests/0/panels", [0]),
        ("voters", 0),
        ("voters", 2**31),
        ("voters", "10"),
        ("roots", {}),
        ("roots/more", {}),
        ("roots/units/size", 0),
        ("roots/units/root", "00"),
        ("roots/units/more", 1),
        ("utc_offset", -721),
        ("utc_offset", 841),
        ("look_up", -1),
        ("look_up", 10_081),
        ("contests/0/previous", {}),
        ("contests/0/titles", "Bí thư"),
        ("box_key", "00" * 33),
        ("clients", [{"name": "booth", "sha256": "00"}]),
    ):
        text = str(value)[:12].strip().replace("/", "").replace("\n", " ") or "empty"
        text = "".join(letter for letter in text if letter.isalnum() or letter in "- ")
        name = f"{path.replace('/', ' ')} {text}".strip()
        bad(name, "type and bounds of each field", f"definition/{path}", value)
    for name, papers in (
        ("null", None),
        ("of nobody", {**_PAPERS, "letterhead": "none"}),
        ("in French", {**_PAPERS, "language": "fr"}),
        ("issued at a number", {**_PAPERS, "issued_at": 3}),
        ("superior too long", {**_PAPERS, "superior": "x" * 301}),
        ("recipient empty", {**_PAPERS, "recipients": [""]}),
        ("recipients too many", {**_PAPERS, "recipients": ["x"] * 21}),
        ("field too many", {**_PAPERS, "more": 1}),
        ("language missing", {key: value for key, value in _PAPERS.items() if key != "language"}),
    ):
        bad(f"papers {name}", "type and bounds of each field", "definition/papers", papers)
    for field in (
        "title",
        "rule",
        "k",
        "panels",
        "voters",
        "roots",
        "look_up",
        "utc_offset",
        "trustees",
        "clients",
        "box_key",
    ):
        book.bad(
            "4.1-form",
            f"without {field}",
            "every field",
            FORM,
            manifest={"of": "@manifest", "drop": [f"definition/{field}"]},
        )


def _consistency(book: Book, vote: Vote) -> None:
    def bad(name: str, why: str, **changes: object) -> None:
        document = json.loads(vote.definition_text)
        for path, value in changes.items():
            holder, last = walk(document, path.replace("__", "/"))
            holder[last] = value
        book.bad("4.2-consistency", name, why, CONSISTENCY, definition=bound(document))

    document: Any = vote.definition.as_json()
    units, panels, contests = document["units"], document["panels"], document["contests"]
    bad("units out of order", "sorted by code", units=[*units[1:], units[0]])
    bad("unit twice", "codes are unique", units=[*units, units[-1]])
    bad("two roots", "one tree", units__1__parent=None)
    bad("no root", "one root", units__0__parent="P0")
    bad("circle", "a tree", units__1__parent="P1", units__2__parent="P0")
    bad("its own parent", "a tree", units__1__parent="P0")
    bad("unknown parent", "parents exist", units__1__parent="X")
    bad("panels out of order", "sorted by unit", panels=[panels[1], panels[0], panels[2]])
    bad("two panels of a unit", "one panel a unit", panels__1__unit="P0")
    bad("panel of no unit", "units exist", panels__2__unit="X")
    bad(
        "contests out of order", "sorted by unit and person", contests=[contests[1], contests[0], contests[2]]
    )
    bad("contest twice", "person and unit are unique", contests__1__unit="K", contests__1__person="L1")
    bad("contest of no unit", "units exist", contests__2__unit="X")
    bad("panel without contest", "at least one", panels__0__contests=[])
    bad("contest without panel", "at least one", panels__1__contests=[0])
    bad("contest index too great", "indices exist", panels__0__contests=[0, 3])
    bad("indices out of order", "ascending", panels__0__contests=[1, 0])
    bad("index twice", "ascending", panels__0__contests=[0, 0, 1])
    bad("threshold is n", "t < n", threshold=3)
    levels = document["rule"]["levels"]
    bad("one level", "2 to 5", rule__levels=levels[:1], contests__0__previous=None)
    six = [{"id": f"l{i}", "vi": "x", "en": "x"} for i in range(6)]
    bad("six levels", "2 to 5", rule__levels=six, contests__0__previous=None)
    bad("level twice", "different ids", rule__levels=[*levels, levels[0]], contests__0__previous=None)
    bad("previous of other levels", "the rule's levels", contests__0__previous__levels={"high": 1, "low": 2})
    booth, worker = ({"name": name, "sha256": "00" * 32} for name in ("booth", "booth-worker"))
    bad("clients out of order", "sorted by name", clients=[worker, booth])
    bad("client twice", "sorted by name, without repetition", clients=[booth, booth])
    bad("closes before it opens", "opens < closes", closes="2026-11-02T00:59:59Z")
    bad("closes as it opens", "opens < closes", closes="2026-11-02T01:00:00Z")
    for name, said in (("fewer", 9), ("more", 11)):
        stated = {"of": "@definition", "set": {"voters": said}}
        why = "the voters of all panels together"
        book.bad("4.2-consistency", f"{name} voters", why, CONSISTENCY, definition=stated)
    most = "a person has at most 100 contests"
    book.good("4.2-consistency", "100 contests of a person", most, definition=_of_one_person(document, 100))
    book.bad(
        "4.2-consistency",
        "101 contests of a person",
        most,
        CONSISTENCY,
        definition=_of_one_person(document, 101),
    )


def _of_one_person(document: Values, many: int) -> str:
    """So many contests, each in a unit of its own, all on one person; the first panel lists 100, the next
    what is left.
    """
    units, panels, contests = document["units"], document["panels"], document["contests"]
    posts = [f"X{i:03}" for i in range(many)]
    return bound(
        {
            **document,
            "units": [
                *units,
                *({"code": post, "parent": "K", "name": post, "kind": "cell"} for post in posts),
            ],
            "panels": [
                {**panel, "contests": list(range(first, min(first + 100, many)))}
                for panel, first in zip(panels, range(0, many, 100), strict=False)
            ],
            "contests": [{**contests[1], "person": "L1", "unit": post} for post in posts],
        }
    )
