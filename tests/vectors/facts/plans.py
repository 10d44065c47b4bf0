"""Clause 11: atoms and the plan."""

from __future__ import annotations

from surveys.protocol.manifest import decode_definition
from surveys.protocol.plan import decode_plan
from surveys.rules.atoms import Withheld, plan_atoms
from surveys.rules.together import Electorates, plan_round
from tests.vectors.book import Book
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote


@reads("11.5-atoms")
def read_atoms(given: Given) -> Values:
    """Ballots by panel of one contest, the tree as code → parent, k → its atoms, or null."""
    atoms = plan_atoms(given.value("ballots"), given.value("parents"), given.number("k"))
    return {"atoms": None if isinstance(atoms, Withheld) else [list(atom.panels) for atom in atoms]}


@reads("11.1-together")
def read_together(given: Given) -> Values:
    """Person and panels of each contest, units of the panels, the tree, k, ballots by panel → atoms of each
    contest.
    """
    contests = [(person, panels) for person, panels in given.value("contests")]
    electorates = Electorates(contests, given.value("units"), given.value("parents"), given.number("k"))
    planned = plan_round(electorates, given.numbers("ballots"))
    return {"contests": [None if atoms is None else [list(atom) for atom in atoms] for atoms in planned]}


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
    _together(book)
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
        book.good("11.5-atoms", name, why, ballots=ballots, parents=tree, k=k)
    codes = {"K": None, "a": "K", "B": "K", "Ă": "K", "\U0001f602": "K", "\ufb33": "K"}
    ballots = dict.fromkeys(["a", "B", "Ă", "\U0001f602", "\ufb33"], 2)
    book.good(
        "11.5-atoms",
        "order of utf-8",
        "not of UTF-16, not of a language",
        ballots=ballots,
        parents=codes,
        k=4,
    )


def _together(book: Book) -> None:
    tree = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "B1": "B", "B2": "B", "B3": "B"}
    units = ["A1", "A2", "B1", "B2", "B3"]

    def good(
        name: str, why: str, contests: list[tuple[str, list[int]]], ballots: list[int], k: int = 5
    ) -> None:
        given: Values = {"contests": [list(each) for each in contests], "ballots": ballots}
        book.good("11.1-together", name, why, units=units, parents=tree, k=k, **given)

    every = [0, 1, 2, 3, 4]
    good("one contest", "one class", [("L", every)], [6, 2, 3, 2, 6])
    good("other persons", "are cut by themselves", [("L", every), ("M", [0, 1])], [2, 3, 6, 6, 6])
    good("two classes", "each large enough", [("L", every), ("L", [0, 1])], [3, 3, 4, 4, 4])
    good(
        "a class too small",
        "the smaller contest is taken out",
        [("L", every), ("L", [0, 1])],
        [2, 2, 9, 9, 9],
    )
    good(
        "a rest too small",
        "its complement tells as much",
        [("L", every), ("L", [1, 2, 3, 4])],
        [2, 9, 9, 9, 9],
    )
    good("of equals the highest", "by index", [("L", [0, 1]), ("L", [1, 2])], [4, 2, 4, 0, 0])
    good(
        "a neighbour is smaller",
        "though it does not hold the class",
        [("L", [0, 1]), ("L", [1, 2]), ("L", [2, 3])],
        [2, 8, 4, 2, 0],
    )
    good(
        "one after the other",
        "until no class is small",
        [("L", every), ("L", [0, 1]), ("L", [0])],
        [3, 3, 9, 9, 9],
    )
    good("withheld by its number", "and no class of its own", [("L", every), ("L", [0])], [2, 2, 9, 9, 9])
    good(
        "nothing returned",
        "joins the smallest atom of each contest",
        [("L", every), ("L", [0, 1])],
        [7, 0, 6, 6, 0],
    )
    good("nothing returned first", "and gives the first index", [("L", every)], [0, 7, 6, 6, 0])
    good(
        "nothing returned alone",
        "in a class of its own",
        [("L", [1, 2, 3]), ("L", [0, 1, 2, 3])],
        [0, 7, 6, 6, 0],
    )
    good("nothing at all", "withheld", [("L", every), ("L", [0])], [0, 0, 0, 0, 0])
    good(
        "disjoint electorates", "two cells of one person", [("L", [0, 1]), ("L", [2, 3, 4])], [3, 3, 2, 2, 2]
    )
    good("k 3", "the least k", [("L", every), ("L", [2, 3, 4])], [3, 1, 3, 2, 3], 3)


def _plans(book: Book) -> None:
    book.good("11.1-plan", "plain", "P of the small vote", plan="@plan")

    def bad(name: str, path: str, value: object) -> None:
        plan = {"of": "@plan", "set": {path: value}}
        book.bad("11.1-plan", name, "form", ("Malformed", "11.1"), plan=plan)

    bad("format", "format", "tin-nhiem/plan/1")
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
    alike: Values = {"of": "@definition", "set": {"contests/1/person": "L1"}}
    given = {**given, "definition": alike}
    book.good("11.2-atoms", "one person", "cut alike in both contests", plan="@plan", **given)
    book.bad("11.2-atoms", "one person, cut otherwise", "the rest of an atom", refused, plan=whole, **given)
