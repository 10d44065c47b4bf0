"""Clause 11: atoms and the plan."""

from __future__ import annotations

from surveys.protocol.manifest import decode_definition
from surveys.protocol.plan import decode_plan
from surveys.rules.atoms import Withheld, plan_atoms
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


@reads("11.1-atoms")
def read_atoms(given: Given) -> Values:
    """Ballots by panel of one contest, the tree as code → parent, k → its atoms, or null."""
    atoms = plan_atoms(given.value("ballots"), given.value("parents"), given.number("k"))
    return {"atoms": None if isinstance(atoms, Withheld) else [list(atom.panels) for atom in atoms]}


@reads("11.1-plan")
def read_plan(given: Given) -> Values:
    """A plan file → P."""
    return {"hash": decode_plan(given.document("plan")).digest.hex()}


@reads("11.2-atoms")
def read_plan_atoms(given: Given) -> Values:
    """A plan, a definition, ballots by panel → nothing."""
    plan = decode_plan(given.document("plan"))
    plan.check_atoms(decode_definition(given.document("definition")), given.numbers("ballots"))
    return {}


def write(book: Book, _: Vote) -> None:
    """Our vectors of clause 11."""
    _atoms(book)
    _plans(book)


def _atoms(book: Book) -> None:
    tree = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "A3": "A", "B1": "B", "B2": "B"}
    for name, why, ballots, k in (
        ("all large", "each its own", {"A1": 5, "A2": 6, "B1": 7}, 5),
        ("withheld", "fewer than k together", {"A1": 2, "A2": 2}, 5),
        ("exactly k together", "one atom", {"A1": 2, "A2": 3}, 5),
        ("gathered", "small ones in order", {"A1": 2, "A2": 2, "A3": 2}, 5),
        ("joins the smallest", "what is left over", {"A1": 9, "A2": 6, "A3": 1}, 5),
        ("of equals the lowest", "by the lowest code", {"A1": 6, "A2": 6, "A3": 1}, 5),
        ("left to the parent", "no atom in the unit", {"A1": 1, "A2": 1, "B1": 8}, 5),
        ("two units left over", "gathered by the parent", {"A1": 3, "B1": 3}, 5),
        ("nothing returned", "0 ballots are fewer than k", {"A1": 0, "A2": 6, "B1": 0}, 5),
        ("own panel", "a unit's own panel comes first", {"K": 2, "A": 2, "A1": 2, "B1": 5}, 5),
        ("gathering begins anew", "an atom as soon as k are there", {"A1": 3, "A2": 3, "A3": 3, "B1": 3}, 5),
        ("k 3", "the least k", {"A1": 3, "A2": 2, "A3": 3}, 3),
    ):
        book.good("11.1-atoms", name, why, ballots=ballots, parents=tree, k=k)
    codes = {"K": None, "a": "K", "B": "K", "Ă": "K", "\U0001f602": "K", "\ufb33": "K"}
    ballots = dict.fromkeys(["a", "B", "Ă", "\U0001f602", "\ufb33"], 2)
    book.good(
        "11.1-atoms",
        "order of utf-8",
        "not of UTF-16, not of a language",
        ballots=ballots,
        parents=codes,
        k=4,
    )


def _plans(book: Book) -> None:
    book.good("11.1-plan", "plain", "P of the small vote", plan="@plan")

    def bad(name: str, path: str, value: object) -> None:
        plan = {"of": "@plan", "set": {path: value}}
        book.bad("11.1-plan", name, "form", ("Malformed", "11.1"), plan=plan)

    bad("format", "format", "tin-nhiem/plan/2")
    bad("manifest short", "manifest", "00" * 31)
    bad("size negative", "size", -1)
    bad("k 2", "k", 2)
    bad("empty atom", "contests/0/0", [])
    bad("atom is a number", "contests/0/0", 0)
    bad("panel is true", "contests/0/0", [True])
    bad("panel negative", "contests/0/0", [-1])
    bad("contest is a number", "contests/0", 3)
    bad("field too many", "more", 1)
    given: Values = {"definition": "@definition", "ballots": [3, 2, 3]}
    book.good("11.2-atoms", "plain", "the small vote", plan="@plan", **given)
    whole = {"of": "@plan", "set": {"contests/0": [[0, 1, 2]]}}
    book.good("11.2-atoms", "one atom", "disjoint, complete, at least k", plan=whole, **given)
    for name, why, value in (
        ("overlap", "disjoint", [[0, 1], [1, 2]]),
        ("panel twice", "disjoint", [[0, 0, 1, 2]]),
        ("below k", "at least k", [[0], [1], [2]]),
        ("left out", "complete", [[0], [2]]),
        ("no atom", "complete", []),
        ("outside", "the electorate", [[0], [1, 2, 3]]),
    ):
        plan = {"of": "@plan", "set": {"contests/0": value}}
        book.bad("11.2-atoms", name, why, ("Inconsistent", "11.2"), plan=plan, **given)
    refused = ("Inconsistent", "11.2")
    plan = {"of": "@plan", "set": {"contests/1": [[0], [1]]}}
    book.bad("11.2-atoms", "panel of another contest", "the electorate", refused, plan=plan, **given)
    plan = {"of": "@plan", "drop": ["contests/2"]}
    book.bad("11.2-atoms", "contest missing", "an entry a contest", refused, plan=plan, **given)
