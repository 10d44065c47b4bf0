"""Clause 4: definition and manifest."""

from __future__ import annotations

from surveys.protocol.manifest import decode_definition, decode_manifest
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
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


def write(book: Book, vote: Vote) -> None:
    """Our vectors of clause 4."""
    book.good("4.1-form", "plain", "the small vote", manifest="@manifest")
    book.good("4.2-consistency", "plain", "the small vote", definition="@definition")
    book.good("4.3-definition-hash", "plain", "D of the small vote", definition="@definition")
    book.good("4.4-manifest-hash", "plain", "M of the small vote", manifest="@manifest")
    for path, value in _OTHERS.items():
        other = {"of": "@manifest", "set": {f"definition/{path}": value}}
        name = path.replace("/", " ")
        book.good("4.4-manifest-hash", f"other {name}", "every field is bound by D and M", manifest=other)
    _forms(book)
    _consistency(book, vote)


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
    "units/1/name": "Khác",
    "units/1/kind": "other",
    "panels/0/voters": 5,
    "panels/0/roll": "00" * 32,
    "panels/0/token_key": "00",
    "contests/0/name": "Khác",
    "contests/0/titles": [],
    "contests/0/previous": None,
    "contests/0/previous/summoned": None,
    "contests/0/previous/levels/low": 4,
    "box_key": "00" * 32,
    "software": "other 1.0",
    "clients": [{"name": "booth", "sha256": "00" * 32}],
}


def _forms(book: Book) -> None:
    def bad(name: str, why: str, path: str, value: object) -> None:
        book.bad("4.1-form", name, why, FORM, manifest={"of": "@manifest", "set": {path: value}})

    bad("format", "of another version", "format", "tin-nhiem/manifest/2")
    bad("definition format", "of another version", "definition/format", "tin-nhiem/definition/2")
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
        ("organisation", "Ða\u0309ng"),
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
        ("contests/0/previous", {}),
        ("contests/0/titles", "Bí thư"),
        ("box_key", "00" * 33),
        ("clients", [{"name": "booth", "sha256": "00"}]),
    ):
        text = str(value)[:12].strip().replace("/", "").replace("\n", " ") or "empty"
        text = "".join(letter for letter in text if letter.isalnum() or letter in "- ")
        name = f"{path.replace('/', ' ')} {text}".strip()
        bad(name, "type and bounds of each field", f"definition/{path}", value)
    for field in ("title", "rule", "k", "panels", "trustees", "clients", "box_key"):
        book.bad(
            "4.1-form",
            f"without {field}",
            "every field",
            FORM,
            manifest={"of": "@manifest", "drop": [f"definition/{field}"]},
        )


def _consistency(book: Book, vote: Vote) -> None:
    def bad(name: str, why: str, **changes: object) -> None:
        set_ = {path.replace("__", "/"): value for path, value in changes.items()}
        book.bad("4.2-consistency", name, why, CONSISTENCY, definition={"of": "@definition", "set": set_})

    document = vote.definition.as_json()
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
    bad("contest without panel", "at least one", contests__2__panels=[])
    bad("contest index too great", "indices exist", panels__0__contests=[0, 3])
    bad("panel index too great", "indices exist", contests__0__panels=[0, 1, 3])
    bad("indices out of order", "ascending", contests__0__panels=[0, 2, 1])
    bad("index twice", "ascending", panels__0__contests=[0, 0, 1])
    bad("only the panel knows", "both name each other", panels__2__contests=[0, 1])
    bad("only the contest knows", "both name each other", contests__1__panels=[0, 1])
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
