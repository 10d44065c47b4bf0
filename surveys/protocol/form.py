"""What the voters of one panel see, and the proof that this vote's manifest says so: the form of
docs/protocol.md 4.6.

A voter's client has the head of the manifest, whose hash is M, and one form. Danger: what is shown of a form
that was not checked against the head is what somebody between said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from surveys.json_types import JsonObject
from surveys.protocol import canonical, merkle
from surveys.protocol.canonical import Fields
from surveys.protocol.definition import (
    MAX_CONTESTS_A_PANEL,
    Contest,
    Definition,
    Panel,
    Root,
    Unit,
    contest_json,
    form_hash,
    leaf_hash,
    panel_json,
    unit_json,
)
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.manifest import MAX_PANELS, read_contest, read_panel, read_unit

FORM_FORMAT = "tin-nhiem/form/2"
_MOST_STEPS = 64


@dataclass(frozen=True, slots=True)
class Form:
    """One panel: its index and entry, the path of the entry, its unit, its contests in order, and the unit of
    each.
    """

    panel: int
    entry: Panel
    path: tuple[bytes, ...]
    unit: Unit
    contests: tuple[Contest, ...]
    units: tuple[Unit, ...]

    def encode(self) -> bytes:
        """Canonical bytes of 4.6."""
        return canonical.encode(
            {
                "format": FORM_FORMAT,
                "panel": self.panel,
                "entry": panel_json(self.entry, self.entry.form or b""),
                "path": [step.hex() for step in self.path],
                "unit": unit_json(self.unit),
                "contests": [contest_json(contest) for contest in self.contests],
                "units": [unit_json(unit) for unit in self.units],
            }
        )

    def check(self, panels: Root) -> None:
        """4.6, against the root of the panels in the head. Raises Inconsistent."""
        if self.entry.form is None or len(self.contests) != len(self.entry.contests):
            raise _inconsistent("contests", "not those of the entry")
        if len(self.units) != len(self.contests):
            raise _inconsistent("units", "not one for each contest")
        if self.unit.code != self.entry.unit:
            raise _inconsistent("unit", "not the unit of the entry")
        for i, (contest, unit) in enumerate(zip(self.contests, self.units, strict=True)):
            if unit.code != contest.unit:
                raise _inconsistent(f"units[{i}]", "not the unit of its contest")
        hashes = [
            (leaf_hash(contest_json(contest)), leaf_hash(unit_json(unit)))
            for contest, unit in zip(self.contests, self.units, strict=True)
        ]
        if form_hash(leaf_hash(unit_json(self.unit)), hashes) != self.entry.form:
            raise _inconsistent("entry.form", "not the hash of this form")
        leaf = canonical.encode(panel_json(self.entry, self.entry.form))
        try:
            merkle.check_inclusion(leaf, self.panel, panels.size, self.path, panels.root)
        except Inconsistent as refusal:
            raise _inconsistent("path", refusal.why) from None


class Forms:
    """The forms of a consistent definition: what they are made of is worked out once, each form when it is
    asked for.

    Danger: forms of different panels differ in length, which whoever sees an encrypted connection can count:
    a voter's is sent `padded`.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._units = {unit.code: unit for unit in definition.units}
        self._levels = merkle.levels_of(definition.panel_leaves)

    def form(self, panel: int) -> Form:
        """The form of a panel. Raises IndexError where there is no such panel."""
        if not 0 <= panel < len(self._definition.panels):
            raise IndexError(panel)
        return self._form(panel, tuple(merkle.proof_in(self._levels, panel)))

    def padded(self, panel: int) -> bytes:
        """The form and spaces after it: of one length for all panels (15.8). Raises IndexError."""
        return self.form(panel).encode().ljust(self.longest)

    @cached_property
    def longest(self) -> int:
        """At least the bytes of any form: without its path, and the longest path that a tree of this size
        has.
        """
        units = {code: _bytes_of(unit_json(unit)) for code, unit in self._units.items()}
        contests = [
            _bytes_of(contest_json(each)) + units.get(each.unit, 0) for each in self._definition.contests
        ]
        step = len('"",') + 64
        return (len(self._levels) - 1) * step + max(
            len(replace(self._form(p, ()), contests=(), units=()).encode())
            + sum(contests[c] for c in panel.contests)
            for p, panel in enumerate(self._definition.panels)
        )

    def _form(self, panel: int, path: tuple[bytes, ...]) -> Form:
        entry = self._definition.panels[panel]
        contests = [self._definition.contests[c] for c in entry.contests]
        return Form(
            panel,
            replace(entry, form=self._definition.forms[panel]),
            path,
            self._units[entry.unit],
            tuple(contests),
            tuple(self._units[contest.unit] for contest in contests),
        )


def form_of(definition: Definition, panel: int) -> Form:
    """The form of a panel of a consistent definition. Raises IndexError where there is no such panel."""
    return Forms(definition).form(panel)


def decode_form(raw: bytes) -> Form:
    """Parse strictly; whether it belongs to a head is `Form.check`. Raises Malformed(check="4.6")."""
    fields = Fields(canonical.decode(raw, check="4.6", where="form"), check="4.6", where="form")
    if fields.text("format", 100) != FORM_FORMAT:
        raise Malformed(check="4.6", where="form.format", why=f"not {FORM_FORMAT}")
    form = Form(
        panel=fields.integer("panel", 0, MAX_PANELS - 1),
        entry=read_panel(fields.object("entry")),
        path=tuple(fields.hexes("path", _MOST_STEPS, 32)),
        unit=read_unit(fields.object("unit")),
        contests=tuple(map(read_contest, fields.objects("contests", MAX_CONTESTS_A_PANEL))),
        units=tuple(map(read_unit, fields.objects("units", MAX_CONTESTS_A_PANEL))),
    )
    fields.done()
    return form


def _bytes_of(entry: JsonObject) -> int:
    """The length of an entry in a list, with its comma."""
    return len(canonical.encode(entry)) + 1


def _inconsistent(where: str, why: str) -> Inconsistent:
    return Inconsistent(check="4.6", where=f"form.{where}", why=why)
