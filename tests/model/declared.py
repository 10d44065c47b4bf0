"""What a model of docs/model declares: its queries with their verdicts, and its weakened twins.

A model is a ProVerif file. Beside what ProVerif reads it says in comments what must come out, so that one
file is the whole statement. Its first comment opens with a sentence and names a claim and clauses:

    (* Nothing that is stored tells whose a ballot is.

       claim: 2
       clauses: 7.2, 7.4

Before each query (or before `process`, where two processes are compared) stands a line that begins `(*@`:
`holds` must be proved, `possible` must be reachable (else a proof would say nothing), `limit` must have an
attack, which the threat model admits:

    (*@ holds unlinkable: what that means in words *)

A twin is the same model with one check left out. Each `-` line must stand exactly once in the model and gives
way to the `+` lines after it; then an attack must be found on what it `breaks`, or what was possible is not
any more (`loses`). A twin called `limit` is no mistake of anybody, but what we do not claim:

    (*@ twin unblinded: what is left out
    breaks unlinkable
    - let asked = blind(pk(ballot_key), hiding) in
    + let asked = pk(ballot_key) in
    *)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "docs" / "model"
_HEAD = re.compile(
    r"\(\* (?P<title>.+?\.)\n\n {3}claim: (?P<claim>\d)\n {3}clauses: (?P<clauses>[\d., ]+)\n\n.+?\*\)\n",
    re.S,
)
_QUERY = re.compile(
    r"^\(\*@ (?P<kind>holds|possible|limit) (?P<name>[a-z_]+): (?P<sentence>[^@]+?) "
    r"\*\)\n(?P<next>query|process)\b",
    re.M,
)
_VARIANT = re.compile(
    r"^\(\*@ (?P<kind>twin|limit) (?P<name>[a-z0-9-]+): (?P<sentence>[^@]+?)\n(?P<effect>breaks|loses) "
    r"(?P<of>[a-z_ ]+)\n(?P<changes>(?:- .+\n(?:\+.*\n)+)+)\*\)$",
    re.M,
)


class Kind(StrEnum):
    """What a query or a twin is there for."""

    HOLDS = "holds"
    POSSIBLE = "possible"
    LIMIT = "limit"
    TWIN = "twin"


class Verdict(StrEnum):
    """What ProVerif says: proved, an attack (or a way there) found, or neither."""

    PROVED = "proved"
    FOUND = "found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Query:
    """One query with its name, its sentence, and what must come out."""

    kind: Kind
    name: str
    sentence: str

    @property
    def expected(self) -> Verdict:
        """`holds` is proved; a way is found to what is possible, and an attack on a limit."""
        return Verdict.PROVED if self.kind is Kind.HOLDS else Verdict.FOUND


@dataclass(frozen=True, slots=True)
class Variant:
    """A twin or a limit: the lines that change, and the queries whose verdict must turn."""

    kind: Kind
    name: str
    sentence: str
    turns: dict[str, Verdict]
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One file of docs/model."""

    name: str
    title: str
    claim: int
    clauses: tuple[str, ...]
    source: str
    queries: tuple[Query, ...]
    variants: tuple[Variant, ...]

    def varied(self, variant: Variant) -> str:
        """The source with the variant's lines in place; a `-` line that does not stand exactly once is a
        mistake.
        """
        declared = self.source.index("(*@ twin") if "(*@ twin" in self.source else len(self.source)
        lines = self.source[:declared].splitlines()
        for old, new in variant.changes:
            places = [number for number, line in enumerate(lines) if line.strip() == old.strip()]
            if len(places) != 1:
                raise ValueError(f"{self.name}, {variant.name}: {len(places)} lines are {old!r}")
            lines[places[0]] = new
        return "\n".join(lines) + "\n"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _query(found: re.Match[str]) -> Query:
    return Query(Kind(found["kind"]), found["name"], _in_one_line(found["sentence"]))


def _changes(text: str) -> Iterator[tuple[str, str]]:
    for change in re.findall(r"^- .+\n(?:\+.*\n)+", text, re.M):
        old, *new = change.splitlines()
        yield old[2:], "\n".join(line[2:] for line in new)


def _variant(found: re.Match[str]) -> Variant:
    turned = Verdict.FOUND if found["effect"] == "breaks" else Verdict.PROVED
    turns = dict.fromkeys(found["of"].split(), turned)
    sentence = _in_one_line(found["sentence"])
    return Variant(Kind(found["kind"]), found["name"], sentence, turns, tuple(_changes(found["changes"])))


def read(path: Path) -> Model:
    """The model in a file; ValueError where its comments are not of the form above, or a declaration was not
    understood.
    """
    source = path.read_text("utf-8")
    head = _HEAD.match(source)
    if head is None:
        raise ValueError(f"{path.name}: its first comment does not name a sentence, a claim and clauses")
    queries = tuple(_query(found) for found in _QUERY.finditer(source))
    variants = tuple(_variant(found) for found in _VARIANT.finditer(source))
    if source.count("(*@") != len(queries) + len(variants):
        raise ValueError(
            f"{path.name}: {source.count('(*@')} declarations, {len(queries) + len(variants)} understood"
        )
    clauses = tuple(head["clauses"].split(", "))
    return Model(
        path.stem, _in_one_line(head["title"]), int(head["claim"]), clauses, source, queries, variants
    )


def models() -> list[Model]:
    """All models, by claim and name."""
    return sorted((read(path) for path in MODELS.glob("*.pv")), key=lambda model: (model.claim, model.name))
