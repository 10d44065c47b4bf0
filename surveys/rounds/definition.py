"""The definition of a round, put together from organisation, rule, rolls and keys (docs/protocol.md 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from zoneinfo import ZoneInfo

from surveys.instants import Instant
from surveys.names import NO_UNIT, PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation
from surveys.protocol.definition import Slips, Visibility
from surveys.protocol.manifest import Contest, Definition, Panel, Previous, Unit
from surveys.protocol.roll_list import roll_root
from surveys.protocol.stationery import USUAL, Stationery
from surveys.rounds.contests import Electorate
from surveys.rules import outcomes
from surveys.rules.preset import Preset

LOOK_UP, MOST_LOOK_UP = 30, 10_080
SOFTWARE = f"tin-nhiem {version('tin-nhiem')}"


@dataclass(frozen=True, slots=True)
class Excluded:
    """A person who is not voted on this time, and why. `kind` is appointed, elected (this year), retirement
    (notified) or other.
    """

    person: PersonCode
    unit: UnitCode
    kind: str
    reason: str


class Presence(StrEnum):
    """How it is known who is present: whoever is summoned is, or it is recorded unit by unit, at a
    conference.
    """

    EVERYBODY = "everybody"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the organizer decides about a round, apart from the organisation; `look_up` is in minutes
    (11.4).

    `presence` is everybody (who is summoned counts as present) or recorded (unit by unit, at a conference);
    `by_clock` lets the clock open and close; `four_eyes` asks a second person before polls are opened,
    extended, or closed early; `on_desk` keeps the slips' keys until the organizer freezes the round on the
    desk. `unit` is the unit at the top of the round, empty for the whole organisation. `clients` are the
    bundles (name, SHA-256) that may make its ballots. `papers` says how its papers are headed. `decided` are
    the points that an organizer has decided; the others are as they were proposed.
    """

    survey: bytes
    title_vi: str
    title_en: str
    number: str
    place: str
    year: int
    opens: Instant
    closes: Instant
    preset: Preset
    trustees: tuple[str, ...]
    threshold: int
    k: int = 5
    time_zone: str = "Asia/Ho_Chi_Minh"
    look_up: int = LOOK_UP
    revoting: bool = True
    subjects_vote: bool = True
    slips: Slips = Slips.PRINTED
    visibility: Visibility = Visibility.SUBJECT
    clients: tuple[tuple[str, bytes], ...] = ()
    unit: UnitCode = NO_UNIT
    excluded: tuple[Excluded, ...] = ()
    presence: Presence = Presence.EVERYBODY
    by_clock: bool = False
    four_eyes: bool = False
    on_desk: bool = False
    papers: Stationery = USUAL
    decided: tuple[str, ...] = ()

    @property
    def round_id(self) -> RoundId:
        """The round's id as addresses, stores and logs write it: `survey` in hex."""
        return RoundId(self.survey.hex())

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}


def define(
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    slip_keys: Mapping[UnitCode, Sequence[bytes]],
    token_keys: Mapping[UnitCode, bytes],
    box_key: bytes,
) -> Definition:
    """The definition, checked for consistency (4.2; raises Inconsistent).

    `slip_keys` are the public keys of each panel's slips, `token_keys` each panel's public token key in DER.
    """
    units = sorted(organisation.units, key=lambda unit: unit.code.encode())
    panel_index = {unit: p for p, unit in enumerate(electorate.panels)}
    contests = tuple(
        Contest(
            planned.person,
            planned.name,
            planned.unit,
            planned.titles,
            tuple(sorted(panel_index[unit] for unit in planned.electorate)),
            _told(terms.preset, planned.previous),
        )
        for planned in electorate.contests
    )
    of_panel: dict[int, list[int]] = {p: [] for p in panel_index.values()}
    for c, contest in enumerate(contests):
        for p in contest.panels:
            of_panel[p].append(c)
    panels = tuple(
        Panel(unit, len(slip_keys[unit]), roll_root(slip_keys[unit]), token_keys[unit], tuple(of_panel[p]))
        for unit, p in panel_index.items()
    )
    root = next(unit for unit in units if unit.parent is None)
    definition = Definition(
        survey=terms.survey,
        title_vi=terms.title_vi,
        title_en=terms.title_en,
        organisation=root.name,
        number=terms.number,
        place=terms.place,
        year=terms.year,
        opens=terms.opens,
        closes=terms.closes,
        time_zone=terms.time_zone,
        utc_offset=_offset(terms.opens, terms.time_zone),
        look_up=terms.look_up,
        rule=terms.preset.as_json(),
        k=terms.k,
        revoting=terms.revoting,
        subjects_vote=terms.subjects_vote,
        slips=terms.slips,
        visibility=terms.visibility,
        threshold=terms.threshold,
        trustees=terms.trustees,
        units=tuple(Unit(unit.code, unit.parent, unit.name, unit.kind) for unit in units),
        panels=panels,
        contests=contests,
        box_key=box_key,
        software=SOFTWARE,
        clients=tuple(sorted(terms.clients)),
        papers=terms.papers,
    )
    definition.check()
    return definition


def _offset(instant: Instant, zone: str) -> int:
    """Minutes that the zone is ahead of UTC at this instant (4.1): whoever reads the definition needs no
    table of zones.
    """
    ahead = instant.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds()) // 60


def _told(preset: Preset, previous: Previous | None) -> Previous | None:
    """Last year's result of a leader where something follows from it: everybody reads the definition
    (decision 0020).
    """
    if previous is None:
        return None
    figures = outcomes.Previous(previous.levels, previous.returned, previous.summoned)
    return previous if outcomes.last_year_matters(preset, figures) else None
