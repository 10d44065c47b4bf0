"""Older copies of a round's stores are recognised (docs/decisions/0041): app, roll, box and the witness
outside them are bound by a generation that all four enter together, at coarse moments.

A store may be only of the generation that the witness names, or of the one that was being entered when a
process was killed. Anything else stops the round, and only it, until it is put right. Danger: nothing here
may happen with a paper or a ballot. The numbers that are kept outside are coarse, sealed, and changed once an
hour.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.exc import DBAPIError, NoResultFound

from surveys.box import gate
from surveys.box.board import returned
from surveys.box.errors import BoxNotPrepared
from surveys.errors import SurveysError
from surveys.names import RoundId
from surveys.protocol.manifest import Definition
from surveys.roll import attendance, binding, listing
from surveys.roll.errors import RollNotFrozen
from surveys.roll.state import State as Issuing
from surveys.rounds import ledger
from surveys.rounds.ledger import Round
from surveys.rounds.states import State, has_reached
from surveys.rules.disclosure import coarse_number
from surveys.stages.errors import NotTheWholeVote
from surveys.stores.engines import Engines
from surveys.stores.generations import FIRST, Generation
from surveys.stores.migrating import StoreTooNew, is_damage
from surveys.stores.stops import RoundStopped, Stop, Trouble, Where
from surveys.stores.store import Stores
from surveys.stores.witness import BadWitness, Held

LOOKS = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """The generations as they stand; `box` None: it is not prepared yet."""

    state: State
    app: Generation
    roll: Generation
    box: Generation | None

    @property
    def newest(self) -> Generation:
        return max((self.app, self.roll, self.box or FIRST), key=lambda each: each.number)


def bind(engines: Engines, round_id: RoundId, definition: Definition | None = None) -> None:
    """Let the stores of a round and the witness enter the next generation: copies made before are older now.

    Order: witness (what comes), roll, box, app, witness (what is); killed in between and run again, the same
    generation is entered. With the definition, the coarse numbers of papers and ballots are kept too. Raises
    RoundStopped where a store is of another generation, and BadWitness; nothing was changed then.
    """
    engines.stops.check(round_id)
    with engines.witness.alone() as book:
        held, found = book.rounds.get(round_id), _look(engines, round_id)
        if (stop := _judge(found, held, lasting=engines.witness.path is not None)) is not None:
            engines.stops.note(round_id, stop)
            raise RoundStopped(round_id, stop)
        if held is None:  # the first time; before release 0.3 only the box had a generation, a mere number
            held = Held(found.newest if found.app.mark else FIRST)
        entered = held.next or max(held.now, found.newest, key=lambda each: each.number).next()
        book.keep(round_id, replace(held, next=entered))
        binding.enter(engines.roll(round_id), entered)
        gate.enter(engines.box(round_id), entered)
        ledger.enter_generation(engines.app, round_id, entered)
        held = replace(held, now=entered, next=None)
        if definition is not None:
            papers, ballots = _numbers(engines, definition)
            held = replace(held, papers=_coarse(definition, papers), ballots=_coarse(definition, ballots))
        book.keep(round_id, held)


@contextmanager
def coarse_act(engines: Engines, definition: Definition) -> Iterator[None]:
    """An act that moves the round on: copies from before it are older at once. Raises what `bind` raises."""
    bind(engines, definition.round_id)
    yield
    bind(engines, definition.round_id, definition)


def why_stopped(stores: Stores, round_id: RoundId, found: Round | None = None) -> Stop | None:
    """Why a round is stopped; looked at anew where the last look is a minute old. `found` is the round, where
    it is loaded already. Changes nothing in the stores. Raises NoSuchRound.
    """
    if stores.engines.stops.is_due(round_id):
        look(stores, round_id, found)
    return stores.engines.stops.of(round_id)


def look(stores: Stores, round_id: RoundId, found: Round | None = None) -> Stop | None:
    """Judge a round's stores now, and note it: what is wrong stops the round, what was put right lets it go
    on. Changes nothing in the stores. Raises NoSuchRound.
    """
    engines = stores.engines
    found = found or ledger.find(stores.app, round_id)
    stop = _examine(engines, found)
    if engines.stops.note(round_id, stop):
        if stop is None:
            _log.warning("the round %s goes on: its stores are right again", round_id)
        else:
            _log.error("%s", RoundStopped(round_id, stop))
    return stop


def accept(stores: Stores, round_id: RoundId) -> None:
    """Take the stores of a stopped round as they are, where nothing of the vote can be missing: roll and box
    agree, and polls were over when they were copied; or all three agree and only the witness is lost or
    older, and whoever accepts them vouches for them. Killed in between, it is run again.

    Raises NotTheWholeVote otherwise, NoSuchRound and BadWitness; nothing was changed then.
    """
    engines, stop = stores.engines, look(stores, round_id)
    if stop is None:
        return
    definition = ledger.find(stores.app, round_id).definition
    by_witness_alone = stop.where is Where.WITNESS and stop.trouble in (Trouble.MISSING, Trouble.OLDER)
    if not by_witness_alone and stop.trouble not in (Trouble.OLDER, Trouble.FOREIGN):
        raise NotTheWholeVote(round_id)
    with engines.witness.alone() as book:
        held, found = book.rounds.get(round_id), _look(engines, round_id)
        accepted = None if held is None else held.now  # by a run that was killed
        bound = {found.roll, found.box, *((found.app,) if by_witness_alone else ())} - {accepted}
        whole = by_witness_alone or _polls_are_over(engines, round_id)
        if not whole or len(bound) > 1 or _compare(engines, definition, None) is not None:
            raise NotTheWholeVote(round_id)
        newest = max(found.newest, accepted or FIRST, key=lambda each: each.number)
        entered = newest.next()
        book.keep(round_id, Held(entered))
        binding.enter(engines.unjudged_roll(round_id), entered)
        gate.enter(engines.unjudged_box(round_id), entered)
        ledger.enter_generation(engines.app, round_id, entered)
    look(stores, round_id)


def witnessed(engines: Engines) -> tuple[RoundId, ...]:
    """The rounds that the witness knows; none where it cannot be read, which stops every round by itself."""
    if not engines.witness.is_there:
        return ()
    try:
        with engines.witness.alone() as book:
            return tuple(book.rounds)
    except BadWitness:
        return ()


def take_over(stores: Stores) -> None:
    """At every start of a server that works for all: judge every round, and let those that are sound enter
    the next generation. The trouble of one round stops that one. Safe to run again at any moment.
    """
    for round_id in ledger.round_ids(stores.engines.app):
        _beat(stores, round_id, every=True, numbers=False)


def beat(stores: Stores, *, numbers: bool) -> None:
    """One look of the clock: judge every round that is under way, and let those whose polls are open enter
    the next generation; with `numbers` all enter it, and the coarse numbers are kept too.
    """
    for round_id in ledger.round_ids(stores.engines.app):
        _beat(stores, round_id, every=False, numbers=numbers)


def _beat(stores: Stores, round_id: RoundId, *, every: bool, numbers: bool) -> None:
    engines = stores.engines
    try:
        if look(stores, round_id) is not None:
            return
        found = ledger.find(stores.app, round_id)
        if found.state is State.OPEN or (_is_bound(found.state) and (every or numbers)):
            bind(engines, round_id, found.definition if numbers else None)
    except (SurveysError, DBAPIError) as error:
        _log.error("the stores of the round %s could not be bound: %s", round_id, type(error).__name__)


def _is_bound(state: State) -> bool:
    return has_reached(state, State.FROZEN) and state is not State.PUBLISHED


def _examine(engines: Engines, found: Round) -> Stop | None:
    definition, round_id = found.definition, found.round_id
    for where, there in ((Where.ROLL, engines.has_roll), (Where.BOX, engines.has_box)):
        if not there(round_id):
            return Stop(Trouble.MISSING, where)
    for where, judge in ((Where.ROLL, _judge_roll), (Where.BOX, _judge_box)):
        try:
            if (stop := judge(engines, found)) is not None:
                return stop
        except (DBAPIError, NoResultFound, ValueError) as error:
            if isinstance(error, ValueError) or is_damage(error):
                return Stop(Trouble.DAMAGED, where)
            raise
        except StoreTooNew:
            return Stop(Trouble.NEWER, where)
    if found.state is State.PUBLISHED:
        return None  # nothing is done with its stores any more
    lasting = engines.witness.path is not None
    # Without the witness, whose lock keeps it away, another host may have bound all three meanwhile.
    for _ in range(1 if lasting else LOOKS):
        try:
            with engines.witness.alone() as book:
                held, bound = book.rounds.get(round_id), _look(engines, round_id)
        except BadWitness:
            return Stop(Trouble.DAMAGED, Where.WITNESS)
        stop = _judge(bound, held, lasting=lasting)
        if stop is None:
            break
    return stop or _compare(engines, definition, held)


def _judge_roll(engines: Engines, found: Round) -> Stop | None:
    """Whether it is the roll of this round; one that is not frozen is the empty one of before."""
    engines.migrate_roll(found.round_id)
    roll = engines.unjudged_roll(found.round_id)
    try:
        keys = listing.public_token_keys(roll)
    except RollNotFrozen:
        return Stop(Trouble.OLDER, Where.ROLL)
    binding.generation(roll)
    if keys != tuple(panel.token_key for panel in found.definition.panels):
        return Stop(Trouble.FOREIGN, Where.ROLL)
    return None


def _judge_box(engines: Engines, found: Round) -> Stop | None:
    """Whether it is the box of this round; one that is not prepared is older than the end of the ceremony."""
    engines.migrate_box(found.round_id)
    box = engines.unjudged_box(found.round_id)
    returned(box, 0)
    try:
        stands = gate.look(box)
    except BoxNotPrepared:
        return None if found.state is State.FROZEN else Stop(Trouble.OLDER, Where.BOX)
    # An app store of before the manifest is older: its generation says so.
    if found.manifest is not None and stands.manifest != found.manifest.hash:
        return Stop(Trouble.FOREIGN, Where.BOX)
    return None


def _look(engines: Engines, round_id: RoundId) -> _Found:
    """The generations, the app store's first: it is the last to enter one."""
    app = ledger.generation(engines.app, round_id)
    state = ledger.heading(engines.app, round_id).state
    roll = binding.generation(engines.unjudged_roll(round_id))
    try:
        box = gate.look(engines.unjudged_box(round_id)).generation
    except BoxNotPrepared:
        box = None
    return _Found(state, app, roll, box)


def _judge(found: _Found, held: Held | None, *, lasting: bool) -> Stop | None:
    """Which store is not of the generation that it should be of."""
    stores = {Where.APP: found.app, Where.ROLL: found.roll}
    if found.box is None and found.state is not State.FROZEN:
        return Stop(Trouble.OLDER, Where.BOX)
    if found.box is not None and not (found.box == FIRST and found.state is State.FROZEN):
        stores[Where.BOX] = found.box
    if held is None:
        if found.app.mark and lasting:
            return Stop(Trouble.MISSING, Where.WITNESS)
        return _among_themselves(found)
    newest = max(each.number for each in held.allowed)
    wrong = {where: each for where, each in stores.items() if not _is_allowed(each, held)}
    if wrong and len(wrong) == len(stores):
        if all(each.number > newest for each in wrong.values()):
            return Stop(Trouble.OLDER, Where.WITNESS)
        if all(each.number < newest for each in wrong.values()):
            return Stop(Trouble.OLDER, Where.STORES)
    for where, each in wrong.items():
        return Stop(Trouble.OLDER if each.number < newest else Trouble.FOREIGN, where)
    return None


def _is_allowed(generation: Generation, held: Held) -> bool:
    """What never had a mark was there before the first generation of all three was entered."""
    return generation in held.allowed or (held.now == FIRST and not generation.mark)


def _among_themselves(found: _Found) -> Stop | None:
    """Without a witness: roll and box are of the app store's generation, or of the one right after it.
    Release 0.2.0 bound the box alone, with a number.
    """
    bound = {Where.ROLL: found.roll, Where.BOX: found.box}
    if not found.app.mark and found.roll == FIRST:
        del bound[Where.ROLL]
    for where, generation in bound.items():
        if generation is None or (generation == FIRST and where is Where.BOX and not found.app.mark):
            continue
        if generation == found.app or generation.number == found.app.number + 1:
            continue
        older = generation.number <= found.app.number
        return Stop(Trouble.OLDER, where if older else Where.APP)
    return None


def _compare(engines: Engines, definition: Definition, held: Held | None) -> Stop | None:
    """No unit has fewer papers or ballots than it had, nor more ballots than papers."""
    papers, ballots = _numbers(engines, definition)
    if held is not None:
        for where, floors, numbers in (
            (Where.ROLL, held.papers, papers),
            (Where.BOX, held.ballots, ballots),
        ):
            if any(number < floor for floor, number in zip(floors, numbers, strict=False)):
                return Stop(Trouble.FEWER, where)
    if any(cast > issued for cast, issued in zip(ballots, papers, strict=True)):
        return Stop(Trouble.BALLOTS, Where.BOX)
    return None


def are_polls_open(engines: Engines, round_id: RoundId) -> bool:
    """Whether roll or box say that polls are open, or were and the box is not sealed yet."""
    issuing = attendance.attendance(engines.unjudged_roll(round_id))
    try:
        state = gate.look(engines.unjudged_box(round_id)).state
    except BoxNotPrepared:
        return False
    taking = state in (gate.State.OPEN, gate.State.SHUT)
    return taking or any(panel.state is Issuing.ISSUING for panel in issuing)


def generation_of(engines: Engines, round_id: RoundId, where: Where) -> int:
    """The number of a roll's or box's generation, 0 before it has one. Raises what SQLAlchemy raises where it
    cannot be read.
    """
    if where is Where.ROLL:
        return binding.generation(engines.unjudged_roll(round_id)).number
    try:
        return gate.look(engines.unjudged_box(round_id)).generation.number
    except BoxNotPrepared:
        return 0


def _polls_are_over(engines: Engines, round_id: RoundId) -> bool:
    """Whether no paper and no ballot could come any more when roll and box were copied."""
    issuing = attendance.attendance(engines.unjudged_roll(round_id))
    shut = gate.look(engines.unjudged_box(round_id)).state in (gate.State.SHUT, gate.State.SEALED)
    return shut and all(panel.state in (Issuing.CLOSED, Issuing.DESTROYED) for panel in issuing)


def _numbers(engines: Engines, definition: Definition) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Papers and ballots of each unit: the ballots are counted first, so that one that comes meanwhile has
    its paper counted.
    """
    round_id = definition.round_id
    ballots = returned(engines.unjudged_box(round_id), len(definition.panels))
    papers = tuple(panel.issued for panel in attendance.attendance(engines.unjudged_roll(round_id)))
    return papers, ballots


def _coarse(definition: Definition, numbers: tuple[int, ...]) -> tuple[int, ...]:
    panels = zip(definition.panels, numbers, strict=True)
    return tuple(coarse_number(number, panel.voters, definition.k) for panel, number in panels)
