"""Plans that clause 11 does not give, and lists out of their one order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from surveys.names import PersonCode, UnitCode
from surveys.protocol.definition import Contest, Definition, Panel, Unit
from surveys.protocol.manifest import Manifest
from tests.attacks.kinds import Forge, Members, Table, rewritten
from tests.audit.build import Vote
from tests.codes import units


def _plan(change: Callable[[Any], Any]) -> tuple[str, Forge]:
    return "11.1", rewritten("plan.json", change)


def _atoms(contest: int, change: Callable[[list[Any]], object]) -> tuple[str, Forge]:
    def alter(plan: Any) -> None:
        found = change(plan["contests"][contest])
        if isinstance(found, list):
            plan["contests"][contest] = found

    return _plan(alter)


PLANS: Table = {
    "a withheld contest opened": _plan(lambda it: it["contests"].__setitem__(4, [[5]])),
    "a contest withheld that is not": _plan(lambda it: it["contests"].__setitem__(0, None)),
    "a contest without atoms": _plan(lambda it: it["contests"].__setitem__(0, [])),
    "an atom of no panel": _atoms(0, lambda atoms: atoms.append([])),
    "an atom more, of a panel alone": _atoms(0, lambda atoms: atoms.append([5])),
    "two atoms opened as one": _atoms(0, lambda atoms: [sorted(atoms[0] + atoms[1]), *atoms[2:]]),
    "one atom opened as two": _atoms(0, lambda atoms: [atoms[0][:1], atoms[0][1:], *atoms[1:]]),
    "atoms in another order": _atoms(0, lambda atoms: atoms.reverse()),
    "panels of an atom in another order": _atoms(0, lambda atoms: atoms[0].reverse()),
    "a panel twice in an atom": _atoms(0, lambda atoms: atoms[0].append(atoms[0][-1])),
    "a panel in two atoms": _atoms(0, lambda atoms: atoms[1].insert(0, atoms[0][0])),
    "a panel left out": _atoms(0, lambda atoms: atoms[0].pop()),
    "a panel that does not exist": _atoms(0, lambda atoms: atoms[-1].append(6)),
    "a panel below zero": _atoms(0, lambda atoms: atoms[0].insert(0, -1)),
    "a panel of 2^53 - 1": _atoms(0, lambda atoms: atoms[-1].append(2**53 - 1)),
    "a panel of another electorate": _atoms(3, lambda atoms: atoms[0].append(3)),
    "a panel as a text": _atoms(0, lambda atoms: atoms[0].__setitem__(0, "0")),
    "a panel as a list": _atoms(0, lambda atoms: atoms[0].__setitem__(0, [0])),
    "atoms that are a table": _plan(lambda it: it["contests"].__setitem__(0, {"0": [0]})),
    "two contests' atoms exchanged": _plan(
        lambda it: it.update(contests=[it["contests"][i] for i in (0, 2, 1, 3, 4)])
    ),
    "a contest fewer": _plan(lambda it: it["contests"].pop()),
    "a contest more": _plan(lambda it: it["contests"].append(None)),
    "every contest withheld": _plan(lambda it: it.update(contests=[None] * 5)),
    "a smaller k": _plan(lambda it: it.update(k=2)),
    "a larger k": _plan(lambda it: it.update(k=4)),
    "a ballot more": _plan(lambda it: it.update(size=it["size"] + 1)),
    "no ballots": _plan(lambda it: it.update(size=0)),
    "another root": _plan(lambda it: it.update(board="00" * 32)),
    "another manifest": _plan(lambda it: it.update(manifest="00" * 32)),
    "a root in capitals": _plan(lambda it: it.update(board=it["board"].upper())),
    "a plan of version 1": _plan(lambda it: it.update(format="tin-nhiem/plan/1")),
}


def _defined(change: Callable[[Definition], Definition]) -> tuple[str, Forge]:
    """Another definition whose roots and forms are those of its lists."""

    def forge(vote: Vote) -> Members:
        plain = replace(
            vote.definition,
            panels=tuple(replace(panel, form=None) for panel in vote.definition.panels),
            stated=None,
        )
        made = Manifest(change(plain), vote.manifest.election_key, vote.manifest.ceremony)
        return {**vote.members, "manifest.json": made.encode()}

    return "4.2", forge


def _units(change: Callable[[list[Unit]], object]) -> tuple[str, Forge]:
    def alter(definition: Definition) -> Definition:
        units = [*definition.units]
        change(units)
        return replace(definition, units=tuple(units))

    return _defined(alter)


def _under(place: int, parent: UnitCode | None) -> tuple[str, Forge]:
    return _units(lambda units: units.__setitem__(place, replace(units[place], parent=parent)))


def _deep(found: list[Unit]) -> None:
    chain = units(*(f"Z{i:03}" for i in range(65)))
    above = units("BLOC", *chain)
    found += [Unit(code, over, "A", "a") for code, over in zip(chain, above, strict=False)]


def _listed(panel: int, contests: Sequence[int]) -> tuple[str, Forge]:
    def alter(definition: Definition) -> Definition:
        panels: list[Panel] = [*definition.panels]
        panels[panel] = replace(panels[panel], contests=tuple(contests))
        return replace(definition, panels=tuple(panels))

    return _defined(alter)


def _contests(change: Callable[[list[Contest]], object]) -> tuple[str, Forge]:
    def alter(definition: Definition) -> Definition:
        contests = [*definition.contests]
        change(contests)
        return replace(definition, contests=tuple(contests))

    return _defined(alter)


def _roll(check: str, change: Callable[[Any], Any]) -> tuple[str, Forge]:
    return check, rewritten("roll.json", change)


def _issued(change: Callable[[Any], Any]) -> tuple[str, Forge]:
    return "7.5", rewritten("issuance.json", change)


def _exchange(items: list[Any], a: int = 0, b: int = 1) -> None:
    items[a], items[b] = items[b], items[a]


LISTS: Table = {
    "units out of order": _units(lambda units: _exchange(units, 1, 2)),
    "a unit twice": _units(lambda units: units.insert(1, units[1])),
    "two roots": _under(1, None),
    "no root": _under(0, UnitCode("C-1")),
    "a unit above itself": _under(1, UnitCode("C-1")),
    "two units above each other": _units(
        lambda units: units.__setitem__(
            slice(1, 3),
            [replace(units[1], parent=UnitCode("C-2")), replace(units[2], parent=UnitCode("C-1"))],
        )
    ),
    "a unit under one that does not exist": _under(1, UnitCode("C-9")),
    "sixty-five levels below the root": _units(_deep),
    "contests of a panel descending": _listed(0, (1, 0)),
    "a contest twice on a panel": _listed(0, (0, 0, 1)),
    "a contest that does not exist": _listed(0, (0, 1, 5)),
    "a panel without contests": _listed(0, ()),
    "contests out of order": _contests(_exchange),
    "one person twice in one unit": _contests(lambda them: them.insert(1, them[0])),
    "a contest in a unit that does not exist": _contests(
        lambda them: them.__setitem__(4, replace(them[4], unit=UnitCode("P-9")))
    ),
    "a contest that no panel lists": _contests(
        lambda them: them.append(replace(them[4], person=PersonCode("L-6"), panels=()))
    ),
    "panels out of order": _defined(
        lambda it: replace(it, panels=(it.panels[1], it.panels[0], *it.panels[2:]))
    ),
    "two panels of one unit": _defined(
        lambda it: replace(it, panels=(replace(it.panels[0], unit=UnitCode("P-2")), *it.panels[1:]))
    ),
    "clients twice": _defined(lambda it: replace(it, clients=it.clients * 2)),
    "keys of a roll out of order": _roll("6.3", lambda it: _exchange(it["panels"][0])),
    "a key twice on a roll": _roll("6.3", lambda it: it["panels"][0].insert(0, it["panels"][0][0])),
    "a key on two rolls": _roll("6.3", lambda it: it["panels"][0].__setitem__(0, it["panels"][1][0])),
    "a key that is missing": _roll("6.3", lambda it: it["panels"][0].pop()),
    "a roll that is missing": _roll("6.3", lambda it: it["panels"].pop()),
    "a roll more": _roll("6.3", lambda it: it["panels"].append([])),
    "two rolls exchanged": _roll("6.3", lambda it: _exchange(it["panels"])),
    "a slip replaced by itself": _roll(
        "6.4", lambda it: it["replaced"][0].update(new=it["replaced"][0]["old"])
    ),
    "a slip replaced twice": _roll(
        "6.4", lambda it: it["replaced"].append({**it["replaced"][0], "new": "ff" * 32})
    ),
    "one new slip for two": _roll("6.4", lambda it: it["replaced"].append({**it["replaced"][0], "panel": 1})),
    "a slip of no roll replaced": _roll("6.4", lambda it: it["replaced"][0].update(old="ff" * 32)),
    "a slip replaced in another panel": _roll("6.4", lambda it: it["replaced"][0].update(panel=1)),
    "a slip replaced in no panel": _roll("6.4", lambda it: it["replaced"][0].update(panel=6)),
    "papers out of order": _issued(lambda it: _exchange(it["panels"][1])),
    "a paper twice": _issued(lambda it: it["panels"][1].insert(0, it["panels"][1][0])),
    "a paper in another panel": _issued(lambda it: it["panels"][0].append(it["panels"][1].pop())),
    "papers of a panel missing": _issued(lambda it: it["panels"].pop()),
    "papers of one panel more": _issued(lambda it: it["panels"].append([])),
    "papers of two panels exchanged": _issued(lambda it: _exchange(it["panels"])),
}
