"""What a voter's client loads stays small, however many panels there are (docs/protocol.md 4.6, 15.8)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from surveys.names import UnitCode
from surveys.protocol.definition import Contest, Definition, Panel, Unit
from surveys.protocol.form import Forms, decode_form
from surveys.protocol.group import Scalar, base_multiply
from surveys.protocol.manifest import Manifest
from surveys.rehearsal.demo_organisation import CELLS, demo_organisation
from surveys.rounds.contests import plan_electorate
from surveys.rounds.definition import define
from surveys.rules.preset import DEFAULT, Preset
from tests.box.build import SURVEY
from tests.organisations import some_terms
from tests.votes import randomness

MOST = 20_000


@lru_cache
def _demo() -> Definition:
    """The demonstration's vote, with keys of the right length that nobody has."""
    organisation, preset = demo_organisation(), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    draw = randomness("forms")
    slips = {unit: [draw(32) for _ in voters] for unit, voters in electorate.panels.items()}
    tokens = {unit: draw(294) for unit in electorate.panels}
    terms = some_terms(SURVEY, preset=preset)
    return define(terms, organisation, electorate, slips, tokens, draw(32))


def _so_often(times: int) -> Manifest:
    """So many of the demonstration's organisations under one root."""
    one = _demo()
    units: list[Unit] = []
    panels: list[Panel] = []
    contests: list[Contest] = []
    for i in range(times):
        name, first_panel, first_contest = f"{i:03}-", len(panels), len(contests)
        units += [
            replace(
                each,
                code=UnitCode(name + each.code),
                parent=UnitCode(name + each.parent) if each.parent else UnitCode("TW"),
            )
            for each in one.units
        ]
        panels += [
            replace(
                each,
                unit=UnitCode(name + each.unit),
                contests=tuple(first_contest + c for c in each.contests),
                form=None,
            )
            for each in one.panels
        ]
        contests += [
            replace(each, unit=UnitCode(name + each.unit), panels=tuple(first_panel + p for p in each.panels))
            for each in one.contests
        ]
    units.append(Unit(UnitCode("TW"), None, "Trung ương", "root"))
    many = replace(one, units=tuple(units), panels=tuple(panels), contests=tuple(contests), stated=None)
    return Manifest(many, base_multiply(Scalar(5)), bytes(32))


@pytest.mark.parametrize(
    "times",
    [
        1,
        pytest.param(10, marks=pytest.mark.soak),
        pytest.param(98, marks=pytest.mark.soak),
    ],
)
def test_a_voter_loads_less_than_20_kilobytes_of_any_organisation(times: int) -> None:
    """Figure: before compression; 410, 4 100 and 40 180 panels."""
    manifest = _so_often(times)
    definition = manifest.definition
    assert len(definition.panels) == times * CELLS
    forms = Forms(definition)
    loaded = len(manifest.head) + forms.longest
    print(f"{len(definition.panels)} panels: head {len(manifest.head)}, form {forms.longest} bytes")
    assert loaded < MOST
    lengths = set()
    for panel in {*range(0, len(definition.panels), 41), len(definition.panels) - 1}:
        padded = forms.padded(panel)
        form = decode_form(padded.rstrip(b" "))
        form.check(definition.roots.panels)
        lengths.add(len(form.encode()))
        assert len(padded) == forms.longest
    assert len(lengths) > 1, "the twin: without the spaces the length tells panels apart"
    assert max(lengths) <= forms.longest
    assert len(manifest.encode()) > 20 * MOST * times, "the twin: the whole manifest grows"
