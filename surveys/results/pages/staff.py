"""The staff door of the results: a leader's own page, a unit's pages for its head and the authority above,
everything for auditors.

The door admits by role and unit; what of a round is shown is decided by `results.visibility` from the round's
own definition. Danger: a page that listed leaders by role alone would show what the definition keeps closed;
so every page here asks its verb with the reader, and draws what the verb gives.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, url_for

from surveys.accounts.pages.door import AccessScope, Reach, StaffDoor, StaffPages
from surveys.accounts.roles import EVERYWHERE, Staff, may
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.pictures.drawing import Figure, Table, linked
from surveys.results import compare, focus, grades, heat, leaders, turnouts, units
from surveys.results.charts.cross import grade_words, grades_figure
from surveys.results.charts.heat import heat_figure
from surveys.results.charts.intervals import comparison_figure
from surveys.results.charts.levels import levels_figure
from surveys.results.charts.tiles import turnout_figure
from surveys.results.charts.years import trend_figure
from surveys.results.finding import name_key
from surveys.results.leaders import ContestPage, LeaderPage, RoundFacts
from surveys.results.pages.unit_view import Way, Ways, page_asked, question_asked, unit_view
from surveys.results.shelf import Shelf
from surveys.results.texts import DASH, bounds_text, count_text, portion_text, reason_text, why
from surveys.results.units import UnitPage
from surveys.results.visibility import PAPERS, READERS, may_have_any, reader_of
from surveys.web.doors import render
from surveys.web.languages import Voice, voice

_FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class ReadersPage:
    """What an account may read: its own results, its units, papers to take along; newest round first."""

    mine: tuple[Way, ...]
    units: tuple[Way, ...]
    papers: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class ContestView:
    """A contest drawn: levels, the rule's consequences, and the units of the electorate."""

    contest: ContestPage
    place: str
    levels: Figure | None
    rules: Table
    by_unit: Table | None


@dataclass(frozen=True, slots=True)
class LeaderView:
    """A leader's page."""

    figures: LeaderPage
    contests: tuple[ContestView, ...]
    trend: Figure | None
    rounds: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class FocusLine:
    """A leader on the list with the reasons in words."""

    name: str
    address: str
    place: str
    low: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FocusView:
    """The focus list."""

    figures: focus.FocusPage
    lines: tuple[FocusLine, ...]


@dataclass(frozen=True, slots=True)
class DrawnView:
    """A page with one figure: `tab` says which."""

    tab: str
    round: RoundFacts
    unit: UnitCode
    unit_name: str
    figure: Figure | None
    more: Table | None
    unseen: int
    left_out: int
    unclear: int


READERS_PAGES = StaffPages()


@READERS_PAGES.get("/results/", roles=READERS)
def listed(shelf: Shelf, scope: AccessScope, staff: Staff) -> Response:
    return render("results/readers.html", readers_page(shelf, staff, voice()))


@READERS_PAGES.get("/results/<round_id>/leaders/<path:person>", roles=READERS, reach=Reach.TOUCHES)
def leader(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, person: PersonCode) -> Response:
    found = leaders.figures_for_leader(shelf, reader_of(staff), person, round_id)
    return render("results/leader.html", leader_view(shelf, found, voice()))


@READERS_PAGES.get("/results/<round_id>/units/<unit>", roles=READERS)
def unit(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = units.figures_for_unit(shelf, reader_of(staff), unit, question_asked(), round_id)
    ways = Ways(
        leader=lambda person: _leader_way(round_id, person),
        unit=lambda code: _unit_way(round_id, code),
        rounds=_other_rounds(shelf, found, voice()),
        papers=url_for("papers.listed", round_id=round_id, unit=unit)
        if may(staff, PAPERS, unit, scope.parents())
        else "",
    )
    return render("results/unit.html", unit_view(found, page_asked(), voice(), ways))


@READERS_PAGES.get("/results/<round_id>/units/<unit>/results.<any(xlsx, csv, json):form>", roles=READERS)
def taken(
    shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode, form: str
) -> Response:
    held = units.to_take_along(shelf, reader_of(staff), unit, round_id)
    made = held.csv() if form == "csv" else held.json() if form == "json" else held.xlsx()
    answer = Response(made, mimetype=_FORMS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="results.{form}"'
    return answer


@READERS_PAGES.get("/results/<round_id>/units/<unit>/focus", roles=READERS)
def focused(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = focus.figures_for_focus(shelf, reader_of(staff), unit, round_id)
    return render("results/focus.html", focus_view(found, voice()))


@READERS_PAGES.get("/results/<round_id>/units/<unit>/years", roles=READERS)
def years(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = heat.figures_for_years(shelf, reader_of(staff), unit, round_id)
    links = [_unit_way(round_id, row.unit.code) for row in found.rows]
    drawn = linked(heat_figure(voice(), found), links)
    return _drawn("years", found.round, found.unit.code, found.unit.name, drawn)


@READERS_PAGES.get("/results/<round_id>/units/<unit>/posts", roles=READERS)
def posts(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = compare.figures_for_comparison(shelf, reader_of(staff), unit, round_id)
    figure = comparison_figure(voice(), found)
    at = found.unit.code, found.unit.name
    return _drawn("posts", found.round, *at, figure, None, found.unseen, found.left_out, found.unclear)


@READERS_PAGES.get("/results/<round_id>/units/<unit>/grades", roles=READERS)
def graded(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = grades.figures_for_grades(shelf, reader_of(staff), unit, round_id)
    at = found.unit.code, found.unit.name
    more = graded_units(voice(), found)
    return _drawn("grades", found.round, *at, grades_figure(voice(), found), more, found.unseen)


@READERS_PAGES.get("/results/<round_id>/units/<unit>/turnout", roles=READERS)
def turnout(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    found = turnouts.figures_for_turnout(shelf, reader_of(staff), unit, round_id)
    links = [
        "",
        *(_unit_way(round_id, tile.turnout.unit.code, "readers.turnout") for tile in found.tiles),
    ]
    drawn = linked(turnout_figure(voice(), found), links)
    return _drawn("turnout", found.round, found.unit.code, found.unit.name, drawn)


def door(shelf: Shelf, scope: AccessScope) -> StaffDoor:
    """The readers' pages over this shelf."""
    entrance = StaffDoor("readers", scope)
    entrance.open_to(READERS_PAGES, shelf, scope)
    return entrance


def _other_rounds(shelf: Shelf, found: UnitPage, said: Voice) -> tuple[Way, ...]:
    return tuple(
        Way(said.both(leaders.facts(volume).title), _unit_way(volume.round_id, found.unit.code))
        for volume in shelf.volumes()
        if volume.round_id != found.round.round_id and found.unit.code in volume.book.units
    )


def readers_page(shelf: Shelf, staff: Staff, said: Voice) -> ReadersPage:
    """The links of an account; none where nothing is published."""
    reader = reader_of(staff)
    mine, held, papers = list[Way](), list[Way](), list[Way]()
    over = reader.heads | reader.audits
    for volume in shelf.volumes():
        title = said.both(leaders.facts(volume).title)
        if reader.person and reader.person in {seen.person for seen in volume.sums.contests}:
            mine.append(Way(title, _leader_way(volume.round_id, reader.person)))
        tops = {volume.book.root.code if code == EVERYWHERE else code for code in over}
        held += [
            Way(f"{volume.book.units[code].name}: {title}", _unit_way(volume.round_id, code))
            for code in sorted(tops & set(volume.book.units))
        ]
        if may_have_any(staff, volume.book):
            papers.append(Way(title, url_for("papers.listed", round_id=volume.round_id)))
    return ReadersPage(tuple(mine), tuple(held), tuple(papers))


def leader_view(shelf: Shelf, found: LeaderPage, said: Voice) -> LeaderView:
    """A leader's page, drawn."""
    person = found.trend.person
    rounds = tuple(
        Way(said.both(leaders.facts(volume).title), _leader_way(volume.round_id, person))
        for volume in shelf.volumes()
        if volume.round_id != found.round.round_id
        and person in {seen.person for seen in volume.sums.contests}
    )
    contests = tuple(_contest_view(found.round, contest, said) for contest in found.contests)
    return LeaderView(found, contests, trend_figure(said, found.trend, found.round.k), rounds)


def _contest_view(facts: RoundFacts, contest: ContestPage, said: Voice) -> ContestView:
    seen, preset = contest.seen, facts.preset
    rules = Table(
        caption=said.say("What the rule draws from the share of a level"),
        head=(said.say("Consequence"), said.say("When"), said.say("Source"), said.say("Here")),
        rows=tuple(
            (
                said.both(rule.consequence.rule.words),
                bounds_text(said, preset, rule.consequence.bounds),
                said.both(rule.consequence.rule.source),
                said.say("holds") if rule.held else said.say("does not hold"),
            )
            for rule in contest.rules
        ),
        numeric=frozenset(),
    )
    by_unit = _by_unit(facts, contest, said) if len(contest.by_unit) > 1 else None
    place = " · ".join(unit.name for unit in contest.path)
    return ContestView(contest, place, levels_figure(said, preset, seen), rules, by_unit)


def _by_unit(facts: RoundFacts, contest: ContestPage, said: Voice) -> Table:
    levels = [*(said.both(level.words) for level in facts.preset.levels), said.both(facts.preset.not_marked)]
    rows = []
    for each in contest.by_unit:
        if each.bands is not None:
            cells = [str(band) for band in each.bands]
        elif each.marks is not None:
            cells = [count_text(said, count) for count in each.marks]
        else:
            cells = [DASH] * len(levels)
        returned = DASH if each.returned is None else said.number(each.returned)
        remark = why(said, each.hidden, facts.k) if each.hidden else ""
        name = f"{'› ' * each.depth}{each.unit.name}"
        rows.append((name, said.number(each.summoned), returned, *cells, remark))
    head = (said.say("Unit"), said.say("Summoned"), said.say("Returned"), *levels, said.say("Remarks"))
    caption = said.say("Ballots by unit for %(name)s", name=contest.seen.name)
    return Table(caption, head, tuple(rows), frozenset(range(1, 3 + len(levels))))


def focus_view(found: focus.FocusPage, said: Voice) -> FocusView:
    """The focus list in words."""
    lines = tuple(
        FocusLine(
            name=entry.seen.name,
            address=_leader_way(found.round.round_id, entry.seen.person),
            place=" · ".join([*entry.seen.titles[:1], *(unit.name for unit in entry.path)]),
            low=portion_text(said, entry.low),
            reasons=tuple(reason_text(said, found.round.preset, reason) for reason in entry.reasons),
        )
        for entry in found.entries
    )
    return FocusView(found, lines)


def graded_units(said: Voice, found: grades.GradesPage) -> Table:
    """Every unit of the cross table with its grade, by name."""
    listed = [(unit, row.grade) for row in found.rows for unit in row.units]
    listed.sort(key=lambda pair: name_key(pair[0].unit.name))
    preset = found.round.preset
    head = (
        said.say("Unit"),
        said.say("Grade"),
        said.both(preset.levels[0].words),
        said.both(preset.levels[-1].words),
    )
    rows = tuple(
        (
            unit.unit.name,
            grade_words(said, grade),
            portion_text(said, unit.high),
            portion_text(said, unit.leaders.portion(-1)),
        )
        for unit, grade in listed
    )
    links = tuple(_unit_way(found.round.round_id, unit.unit.code) for unit, _ in listed)
    return Table(said.say("Units with their grades"), head, rows, frozenset({2, 3}), links)


def _drawn(
    tab: str,
    facts: RoundFacts,
    unit: UnitCode,
    name: str,
    figure: Figure | None,
    more: Table | None = None,
    unseen: int = 0,
    left_out: int = 0,
    unclear: int = 0,
) -> Response:
    view = DrawnView(tab, facts, unit, name, figure, more, unseen, left_out, unclear)
    return render(f"results/{tab}.html", view)


def _leader_way(round_id: RoundId, person: PersonCode) -> str:
    return url_for("readers.leader", round_id=round_id, person=person)


def _unit_way(round_id: RoundId, unit: UnitCode, endpoint: str = "readers.unit") -> str:
    return url_for(endpoint, round_id=round_id, unit=unit)
