"""What programs read, as plain JSON values (openapi.json beside this file describes them; docs/api.md).

Every figure comes from the values that the readers' pages are drawn from (`sums`, `leaders`, `focus`,
`exports_shown`), so nothing here is finer than a page. Danger: a field that is added because it is at hand
could be; so each one stands on a page as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from surveys.accounts.roles import Staff, Tree, may, touches
from surveys.instants import instant_text
from surveys.json_types import JsonObject
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.book import Verdict, Words
from surveys.results.exports_shown import contest_document
from surveys.results.focus import FocusPage, Reason, figures_for_focus
from surveys.results.leaders import ContestPage, figures_for_leader
from surveys.results.ranges import Portion
from surveys.results.shelf import Shelf, Volume, find
from surveys.results.sums import Seen, Turnout, UnitFigures
from surveys.results.units import to_take_along
from surveys.results.visibility import READERS, may_open, reader_of, visible
from surveys.results.years import PersonYear, Step
from surveys.rules.denominators import LABELS

DESCRIPTION = Path(__file__).with_name("openapi.json")


def description() -> bytes:
    """The OpenAPI document."""
    return DESCRIPTION.read_bytes()


def rounds(shelf: Shelf, staff: Staff, tree: Tree) -> bytes:
    """The published rounds of which this account may read something, the newest first. Reads only."""
    found = [
        _head(volume)
        for volume in shelf.volumes()
        if touches(staff, READERS, volume.book.root.code, tree)
        and (_units_open_to(volume, staff, tree) or _leaders_open_to(volume, staff))
    ]
    return _written({"format": "tin-nhiem/rounds/1", "rounds": found})


def one_round(shelf: Shelf, staff: Staff, tree: Tree, round_id: RoundId) -> bytes:
    """A round: its rule, the units that this account may open with their turnout, the leaders whose results
    it may see.

    Raises NotPublished. Reads only.
    """
    volume = find(shelf, round_id)
    preset = volume.book.preset
    units = _units_open_to(volume, staff, tree)
    opened = {unit.code for unit in units}
    return _written(
        {
            "format": "tin-nhiem/round/1",
            **_head(volume),
            "k": volume.book.definition.k,
            "bundle_sha256": volume.publication.bundle_sha256,
            "rule": {
                "name": preset.name,
                "title": _words(preset.title),
                "source": _words(preset.source),
                "denominator": {"name": preset.denominator, **_words(LABELS[preset.denominator])},
                "levels": [{"id": level.id, **_words(level.words)} for level in preset.levels],
                "not_marked": _words(preset.not_marked),
            },
            "units": [_unit_with_turnout(volume, unit, opened) for unit in units],
            "leaders": [_leader(seen) for seen in _leaders_open_to(volume, staff)],
        }
    )


def one_unit(shelf: Shelf, staff: Staff, round_id: RoundId, unit: UnitCode) -> bytes:
    """A unit's results, byte for byte the export of its page (docs/shown.schema.json). Raises as
    `units.figures_for_unit`.
    """
    return to_take_along(shelf, reader_of(staff), unit, round_id).json()


def focus_list(shelf: Shelf, staff: Staff, round_id: RoundId, unit: UnitCode) -> bytes:
    """A unit's focus list. Raises as `units.figures_for_unit`."""
    found: FocusPage = figures_for_focus(shelf, reader_of(staff), unit, round_id)
    return _written(
        {
            "format": "tin-nhiem/focus/1",
            "survey": found.round.round_id,
            "title": _words(found.round.title),
            "year": found.round.year,
            "unit": _unit(found.unit),
            "looked_at": found.looked_at,
            "unseen": found.unseen,
            "withheld": found.withheld,
            "with_earlier": found.with_earlier,
            "entries": [
                {**_leader(entry.seen), "low": _span(entry.low), "reasons": [*map(_reason, entry.reasons)]}
                for entry in found.entries
            ],
        }
    )


def one_leader(shelf: Shelf, staff: Staff, round_id: RoundId, person: PersonCode) -> bytes:
    """A leader's results of a round, and over the years. Raises as `leaders.figures_for_leader`."""
    found = figures_for_leader(shelf, reader_of(staff), person, round_id)
    volume = find(shelf, round_id)
    levels = found.trend.preset.level_ids
    return _written(
        {
            "format": "tin-nhiem/leader/1",
            "survey": found.round.round_id,
            "title": _words(found.round.title),
            "year": found.round.year,
            "person": person,
            "name": found.name,
            "contests": [_contest(volume, each) for each in found.contests],
            "years": [_year(each, levels) for each in found.trend.years],
            "steps": [_step(each, levels) for each in found.trend.steps],
        }
    )


def _written(document: JsonObject) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _units_open_to(volume: Volume, staff: Staff, tree: Tree) -> tuple[Unit, ...]:
    """As the door and the verbs of the pages together let in: by role and by the round's definition."""
    reader, book = reader_of(staff), volume.book
    return tuple(
        unit
        for unit in book.units.values()
        if may(staff, READERS, unit.code, tree) and may_open(reader, book, unit.code)
    )


def _leaders_open_to(volume: Volume, staff: Staff) -> tuple[Seen, ...]:
    return visible(reader_of(staff), volume.sums, volume.sums.contests)


def _head(volume: Volume) -> JsonObject:
    definition = volume.book.definition
    return {
        "survey": volume.round_id,
        "title": definition.title,
        "year": definition.year,
        "organisation": definition.organisation,
        "published_at": instant_text(volume.publication.published_at),
    }


def _unit_with_turnout(volume: Volume, unit: Unit, opened: set[UnitCode]) -> JsonObject:
    return {
        **_unit(unit),
        "kind": unit.kind,
        "parent": unit.parent if unit.parent in opened else None,
        "turnout": _turnout(volume.sums.turnout(unit.code)),
    }


def _turnout(turnout: Turnout) -> JsonObject:
    return {
        "summoned": turnout.summoned,
        "present": turnout.present,
        "issued": turnout.issued,
        "returned": turnout.returned,
        "hidden": turnout.hidden,
    }


def _leader(seen: Seen) -> JsonObject:
    return {
        "number": seen.number,
        "person": seen.person,
        "name": seen.name,
        "titles": list(seen.titles),
        "unit": _unit(seen.unit),
    }


def _contest(volume: Volume, page: ContestPage) -> JsonObject:
    """A withheld contest has nothing that the rule could draw something from, and nothing in any unit."""
    contest = contest_document(volume.book, volume.book.entries[page.seen.number - 1])
    if page.seen.marks is None:
        return {"contest": contest, "rules": [], "by_unit": []}
    names = (*volume.levels, "not_marked")
    return {
        "contest": contest,
        "rules": [
            {
                "id": each.consequence.rule.id,
                **_words(each.consequence.rule.words),
                "source": _words(each.consequence.rule.source),
                "watch": each.consequence.watch,
                "bounds": [
                    {
                        "level": volume.levels[bound.level],
                        "op": bound.op,
                        "at": str(bound.at),
                        "last_year": bound.last_year,
                    }
                    for bound in each.consequence.bounds
                ],
                "holds": each.held,
            }
            for each in page.rules
        ],
        "by_unit": [_by_unit(each, names) for each in page.by_unit],
    }


def _by_unit(figures: UnitFigures, names: Sequence[str]) -> JsonObject:
    return {
        "unit": _unit(figures.unit),
        "depth": figures.depth,
        "summoned": figures.summoned,
        "returned": figures.returned,
        "marks": _marks(figures, names),
        "hidden": figures.hidden,
    }


def _marks(figures: UnitFigures, names: Sequence[str]) -> JsonObject:
    """`shown` says how: as in the export, and `between` for sums that are known to lie between two ends."""
    if figures.bands is not None:
        return {"shown": "range", "values": dict(zip(names, map(str, figures.bands), strict=True))}
    if figures.marks is None:
        return {"shown": "hidden", "values": None}
    if all(mark.exact for mark in figures.marks):
        counts = (mark.low for mark in figures.marks)
        return {"shown": "exact", "values": dict(zip(names, counts, strict=True))}
    ends = ({"least": mark.low, "most": mark.high} for mark in figures.marks)
    return {"shown": "between", "values": dict(zip(names, ends, strict=True))}


def _reason(reason: Reason) -> JsonObject:
    return {
        "kind": reason.gravity.name.lower(),
        "verdict": None if reason.verdict is None else _verdict(reason.verdict),
        "size": _span(reason.size),
    }


def _year(each: PersonYear, levels: Sequence[str]) -> JsonObject:
    portions = [each.portion(i) for i in range(len(levels))]
    return {
        "year": each.year,
        "survey": each.round_id,
        "unit": {"code": each.unit, "name": each.unit_name},
        "titles": list(each.titles),
        "denominator": {"name": each.denominator, "n": each.n} if each.n and each.marks else None,
        "percent": _spans(levels, portions),
        "outcome": None if each.outcome is None else _verdict(each.outcome),
        "watch": [*map(_verdict, each.watch)],
        "hidden": each.hidden,
    }


def _step(step: Step, levels: Sequence[str]) -> JsonObject:
    return {
        "from": {"year": step.earlier.year, "unit": step.earlier.unit},
        "to": {"year": step.later.year, "unit": step.later.unit},
        "points": None if step.changes is None else _spans(levels, step.changes),
        "moved": step.moved,
        "hidden": step.hidden,
    }


def _spans(levels: Sequence[str], portions: Iterable[Portion | None]) -> JsonObject | None:
    """Level → its two ends; None where one of them is not known."""
    spans = [*map(_span, portions)]
    return None if None in spans else dict(zip(levels, spans, strict=True))


def _span(portion: Portion | None) -> dict[str, str] | None:
    """A share, or a difference of two, in percent: its two ends, the same where it is known exactly."""
    if portion is None:
        return None
    least, most = portion.ends
    return {"least": least, "most": most}


def _unit(unit: Unit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def _words(words: Words) -> dict[str, str]:
    return {"vi": words["vi"], "en": words["en"]}


def _verdict(verdict: Verdict) -> JsonObject:
    return {"id": verdict.id, **_words(verdict.words), "source": _words(verdict.source)}
