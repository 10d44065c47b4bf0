"""The tables of docs/threat-model.md that say what the models prove, made from what the models declare."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.declared import Kind, Model, Query, Variant, Verdict, models

HEAD = ("| claim | model: query | verdict | weakened twin | its verdict |", "|---|---|---|---|---|")
WORDS = {Kind.HOLDS: "proved", Kind.POSSIBLE: "possible"}
TURNED = {Verdict.FOUND: "attack found", Verdict.PROVED: "not possible"}


def _rows(model: Model, query: Query) -> Iterator[str]:
    twins = [one for one in model.variants if one.kind is Kind.TWIN and query.name in one.turns]
    told = f"{model.claim} | `{model.name}`: {query.name} | {WORDS[query.kind]}"
    for twin in twins:
        yield f"| {told} | `{twin.name}` | {TURNED[twin.turns[query.name]]} |"
        told = "| |"


def rows() -> list[str]:
    """The table of what holds: each query that is proved, with its twins; of what is possible, that which a
    twin loses.
    """
    asked = [(model, query) for model in models() for query in model.queries if query.kind is not Kind.LIMIT]
    return [*HEAD, *(row for model, query in asked for row in _rows(model, query))]


def limits() -> list[tuple[str, str]]:
    """What the models show an attacker to be able to do, and nobody claims otherwise: (model: name,
    sentence).
    """
    found: list[tuple[str, str]] = []
    for model in models():
        admitted: list[Query | Variant] = [*model.queries, *model.variants]
        found += [(f"`{model.name}`: {one.name}", one.sentence) for one in admitted if one.kind is Kind.LIMIT]
    return found
