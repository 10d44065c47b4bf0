"""A round is prepared: who votes and on whom, slips for them, token keys, and then the frozen roll
(docs/protocol.md 4.1, §6, §7.1).

Where slips are printed, whoever prints them makes the codes and hands over public keys; where they go by
e-mail the server makes them and says so in the definition.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from surveys.letters import mailings as letters
from surveys.letters.letter import Letter
from surveys.names import RoundId, UnitCode
from surveys.organisation.parts import subtree
from surveys.organisation.register import load_organisation
from surveys.organisation.values import Organisation
from surveys.protocol.codes import write_code
from surveys.protocol.manifest import Definition
from surveys.protocol.roll_list import Replaced
from surveys.roll.listing import Entry, SealedTokenKey, Voter
from surveys.roll.registrar import make_panel_key
from surveys.roll.replacing import replace_slip
from surveys.roll.slips import Slip, make_slips
from surveys.rounds import conduct, drafts
from surveys.rounds.conduct import Settings
from surveys.rounds.contests import Electorate, plan_electorate
from surveys.rounds.definition import Terms
from surveys.stages import binding
from surveys.stages.errors import NoAddresses, SlipsDoNotFit
from surveys.stages.freezing import freeze
from surveys.stores.columns import Keyring
from surveys.stores.store import Stores

OnKey = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Invited:
    """A voter as a slip names them."""

    voter: Voter
    name: str
    unit: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with what follows from it and the organisation."""

    terms: Terms
    organisation: Organisation
    electorate: Electorate

    @property
    def invited(self) -> tuple[Invited, ...]:
        """Everybody who gets a slip, panel by panel, by name."""
        people = {person.code: person for person in self.organisation.people}
        units = {unit.code: unit.name for unit in self.organisation.units}
        return tuple(
            Invited(Voter(p, code), people[code].name, units[unit], people[code].email)
            for p, (unit, codes) in enumerate(self.electorate.panels.items())
            for code in sorted(codes, key=lambda each: (people[each].name, each))
        )


def prepared(stores: Stores, round_id: RoundId) -> Prepared:
    """The draft as it would be frozen now. Raises NoSuchDraft, NoOrganisation, NoSuchUnit, NoSubjects or
    NobodyVotes.
    """
    terms = drafts.load_draft(stores.app, round_id)
    return prepared_from(terms, load_organisation(stores.app))


def prepared_from(terms: Terms, whole: Organisation) -> Prepared:
    """What these terms mean for an organisation that somebody holds already. Raises NoSuchUnit, NoSubjects or
    NobodyVotes.
    """
    organisation = held_over(whole, terms)
    return Prepared(terms, organisation, electorate_of(terms, organisation))


def held_over(organisation: Organisation, terms: Terms) -> Organisation:
    """The part of the organisation that the round is held over. Raises NoSuchUnit."""
    return subtree(organisation, terms.unit) if terms.unit else organisation


def invited_to(stores: Stores, definition: Definition) -> tuple[Invited, ...]:
    """Who may have a slip of a frozen round, by the organisation as it stands: for a slip that was lost.
    Raises NoOrganisation.
    """
    organisation = load_organisation(stores.app)
    panels = {panel.unit: p for p, panel in enumerate(definition.panels)}
    units = {unit.code: unit.name for unit in definition.units}
    return tuple(
        Invited(Voter(panels[person.unit], person.code), person.name, units[person.unit], person.email)
        for person in sorted(organisation.people, key=lambda each: (each.name, each.code))
        if person.votes and person.unit in panels
    )


def replace_lost_slip(stores: Stores, round_id: RoundId, entry: Entry) -> Replaced:
    """Give a voter a new slip (6.4) and take back a letter with the old one, in this order; may be run again.
    A copy of the roll that still knows the old slip is older at once.

    Raises what `replace_slip` refuses, or RoundStopped; nothing is changed then.
    """
    done = replace_slip(stores.roll(round_id), entry)
    binding.bind(stores.engines, round_id)
    letters.withdraw(stores.app, round_id, entry.voter.code)
    return done


def electorate_of(terms: Terms, organisation: Organisation) -> Electorate:
    """Panels and contests under these terms."""
    levels = terms.preset.level_ids
    return plan_electorate(
        organisation,
        terms.year,
        levels,
        subjects_vote=terms.subjects_vote,
        excluded={(each.person, each.unit) for each in terms.excluded},
    )


def freeze_round(
    stores: Stores,
    round_id: RoundId,
    keys: Sequence[Entry],
    jobs: int,
    on_key: OnKey = lambda: None,
) -> Definition:
    """Freeze a prepared round with the slips whose public keys these are; the draft is gone then.

    Order: check that the keys are one each for the voters, make the token keys (in processes), freeze, enter
    how it is conducted, drop the draft. Killed anywhere and run again with the same keys it goes on. Raises
    SlipsDoNotFit and what freezing refuses; nothing is frozen then.
    """
    here = prepared(stores, round_id)
    check_fit(here.electorate, keys)
    token_keys = make_panel_keys(stores.keyring, len(here.electorate.panels), jobs, on_key)
    definition = freeze(stores, here.terms, here.organisation, here.electorate, keys, token_keys)
    settings = Settings(here.terms.presence, here.terms.by_clock, here.terms.four_eyes)
    conduct.begin(stores.app, round_id, settings)
    drafts.drop_draft(stores.engines.app, round_id)
    return definition


def freeze_mailed(stores: Stores, round_id: RoundId, jobs: int, on_key: OnKey = lambda: None) -> Definition:
    """Make the codes here, keep them sealed as letters, freeze. Raises NoAddresses; nothing is kept then.

    The letters are kept before the roll is frozen: killed in between and run again, it goes on with the same
    codes, or, where the voters have changed meanwhile and nothing is frozen, with new ones.
    """
    here = prepared(stores, round_id)
    without = [each.voter.code for each in here.invited if not each.email]
    if without:
        raise NoAddresses(without)
    held = letters.keys_of(stores.app, round_id)
    if set(held) != {each.voter.code for each in here.invited}:
        letters.discard(stores.engines.app, round_id)
        slips = make_slips(here.terms.survey, [each.voter for each in here.invited])
        units = list(here.electorate.panels)
        made = [_letter(slip, to, units) for slip, to in zip(slips, here.invited, strict=True)]
        letters.write_letters(stores.app, round_id, made)
        held = {slip.voter.code: slip.key for slip in slips}
    entries = [Entry(each.voter, held[each.voter.code]) for each in here.invited]
    return freeze_round(stores, round_id, entries, jobs, on_key)


def make_panel_keys(keyring: Keyring, panels: int, jobs: int, on_key: OnKey) -> dict[int, SealedTokenKey]:
    """A fresh token key for each panel, made in worker processes. Stores nothing."""
    keys = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        making = {pool.submit(make_panel_key, keyring, panel): panel for panel in range(panels)}
        for made in as_completed(making):
            keys[making[made]] = made.result()
            on_key()
    return keys


def _letter(slip: Slip, to: Invited, units: Sequence[UnitCode]) -> Letter:
    return Letter(
        id=slip.key.hex(),
        voter=to.voter.code,
        name=to.name,
        unit=to.unit,
        email=to.email or "",
        code=write_code(slip.code),
        unit_code=units[to.voter.panel],
    )


def check_fit(electorate: Electorate, keys: Sequence[Entry]) -> None:
    """One key each for the voters. Raises SlipsDoNotFit."""
    wanted = {Voter(p, code) for p, codes in enumerate(electorate.panels.values()) for code in codes}
    given = [entry.voter for entry in keys]
    if len(given) != len(set(given)):
        raise SlipsDoNotFit("a voter has two")
    if set(given) != wanted:
        missing, foreign = len(wanted - set(given)), len(set(given) - wanted)
        raise SlipsDoNotFit(f"{missing} voters have none, {foreign} are for nobody")
    if any(len(entry.key) != 32 for entry in keys):
        raise SlipsDoNotFit("a key has not 32 bytes")
