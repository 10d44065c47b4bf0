"""What voters read about a leader, on the desk: photo, self-report, questions and answers; and what they are
told about the vote itself.

From freezing until the polls close, by the organizers over the contest's unit and by the leader. Each verb
checks in this order: the account's roles (NotYours), the round's state (ShownNoMore), then writes the staff
log, then changes something, then tells. What is told (docs/protocol.md 15.7) is worked out anew each time
from what is stored, so a kill in between is put right by the next change, or when the server starts. Danger:
what is shown here is shown to all voters; who only sees a part of the organisation changes only that part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role, Staff, Tree, may
from surveys.accounts.staff_log import COMMAND_LINE, Act, Actor, StaffLog
from surveys.console.exhibits.telling import told_of
from surveys.instants import Instant, instant
from surveys.names import RoundId
from surveys.organisation.register import unit_tree
from surveys.protocol.manifest import Contest, Definition
from surveys.rounds import conduct, ledger, questions
from surveys.rounds.errors import NoSuchContest, ShownNoMore
from surveys.rounds.ledger import Round
from surveys.rounds.questions import CHANGEABLE, Question
from surveys.rounds.states import State
from surveys.stores.exhibits import Exhibits
from surveys.stores.notices import Announcements
from surveys.stores.store import Stores

ASKERS = frozenset({Role.ORGANIZER})
LEADERS = frozenset({Role.LEADER})
EXHIBITORS = ASKERS | LEADERS


@dataclass(frozen=True, slots=True)
class Shown:
    """A contest as whoever looks after it sees it: what is there, and the reason where its leader was
    excluded.
    """

    contest: int
    of: Contest
    unit: str
    photo: bool
    report: bool
    questions: tuple[Question, ...]
    excluded: str | None

    @property
    def unanswered(self) -> int:
        """How many questions wait for an answer."""
        return sum(each.answer is None for each in self.questions)


@dataclass(frozen=True, slots=True)
class OnShow:
    """The contests of a round that an account looks after. `asks`: for which of them it may enter
    questions.
    """

    round: Round
    shown: tuple[Shown, ...]
    asks: frozenset[int]

    @property
    def changeable(self) -> bool:
        """Whether anything may still be changed."""
        return self.round.state in CHANGEABLE


@dataclass(frozen=True, slots=True)
class Exhibiting:
    """What is shown in the rounds of an instance; `folder` holds a folder of exhibits for each. `now` is in
    UTC.
    """

    stores: Stores
    log: StaffLog
    folder: Path
    now: Callable[[], datetime]

    def look(self, by: Staff, round_id: RoundId) -> OnShow:
        """The contests that this account looks after. Stores nothing. Raises NoSuchRound."""
        found = ledger.find(self.stores.app, round_id)
        tree = self._tree(found.definition)
        contests = found.definition.contests
        mine = [c for c, each in enumerate(contests) if _looks_after(by, each, tree)]
        asks = frozenset(c for c in mine if may(by, ASKERS, contests[c].unit, tree))
        return OnShow(found, self._shown(found, mine), asks)

    def one(self, by: Staff, round_id: RoundId, contest: int) -> OnShow:
        """One of them alone. Raises NoSuchRound, NoSuchContest or NotYours."""
        found = self._theirs(by, round_id, contest)
        asks = may(by, ASKERS, found.definition.contests[contest].unit, self._tree(found.definition))
        return OnShow(found, self._shown(found, [contest]), frozenset([contest] if asks else []))

    def unanswered(self, by: Staff, round_id: RoundId) -> int:
        """How many questions wait for an answer in the contests that this account looks after. Stores
        nothing. Raises NoSuchRound.
        """
        asked = questions.of_round(self.stores.app, round_id)
        waiting = [each.contest for each in asked if each.answer is None]
        if not waiting:
            return 0
        found = ledger.find(self.stores.app, round_id)
        tree, contests = self._tree(found.definition), found.definition.contests
        return sum(_looks_after(by, contests[contest], tree) for contest in waiting)

    def read(self, by: Staff, round_id: RoundId, contest: int, kind: str) -> bytes:
        """The photo or self-report that is shown. Raises NoSuchRound, NoSuchContest, NotYours or
        NoSuchExhibit.
        """
        self._theirs(by, round_id, contest)
        return self._exhibits(round_id).read(kind, contest)

    def keep(self, by: Staff, round_id: RoundId, contest: int, kind: str, raw: bytes) -> None:
        """Show this photo or self-report in place of an earlier one. Raises NotAPhoto or NotAReport; the
        earlier one stays then.
        """
        self._keep(Actor.of(by), self._changeable(by, round_id, contest), contest, kind, raw)

    def keep_at_the_server(self, round_id: RoundId, contest: int, kind: str, raw: bytes) -> None:
        """The same for whoever sits at the server. Raises NoSuchRound, ShownNoMore, NotAPhoto or
        NotAReport.
        """
        found = ledger.find(self.stores.app, round_id)
        self._still(found)
        self._keep(COMMAND_LINE, found, contest, kind, raw)

    def _keep(self, by: Actor, found: Round, contest: int, kind: str, raw: bytes) -> None:
        round_id = found.round_id
        keep = {"photo": self._exhibits(round_id).keep_photo, "report": self._exhibits(round_id).keep_report}[
            kind
        ]
        with self.log.acting(
            by,
            Act.ROUND_EXHIBIT,
            unit=found.definition.contests[contest].unit,
            round_id=round_id,
            contest=contest,
            kind=kind,
            sha256=sha256(raw).hexdigest(),
        ):
            keep(contest, raw)

    def ask(self, by: Staff, round_id: RoundId, contest: int, question: str) -> Question:
        """Enter a question to a leader. Raises NotYours for who is not an organizer there, TooManyQuestions
        or Malformed.
        """
        found = self._changeable(by, round_id, contest)
        unit = found.definition.contests[contest].unit
        self._asks(by, found, contest)
        with self.log.acting(
            Actor.of(by), Act.ROUND_ANSWER, unit=unit, round_id=round_id, contest=contest, what="asked"
        ):
            return questions.ask(self.stores.app, round_id, contest, question, self._instant())

    def question(self, by: Staff, round_id: RoundId, number: int) -> Question:
        """One question to a leader whom this account looks after. Stores nothing. Raises NoSuchRound,
        NoSuchQuestion or NotYours.
        """
        asked = questions.find(self.stores.app, round_id, number)
        self._theirs(by, round_id, asked.contest)
        return asked

    def withdraw(self, by: Staff, round_id: RoundId, number: int) -> Question:
        """Take back a question that is not answered. Raises NotYours, NoSuchQuestion or QuestionAnswered."""
        asked = questions.find(self.stores.app, round_id, number)
        found = self._changeable(by, round_id, asked.contest)
        self._asks(by, found, asked.contest)
        with self._answering(by, found, asked, "withdrawn"):
            questions.withdraw(self.stores.engines.app, round_id, number)
        return asked

    def answer(self, by: Staff, round_id: RoundId, number: int, text: str, version: int) -> Question:
        """Write the answer to a question, or correct it; then tell.

        Raises NotYours, NoSuchQuestion, AnsweredMeanwhile, TooMuchToTell or Malformed; nothing is stored
        then.
        """
        asked = questions.find(self.stores.app, round_id, number)
        found = self._changeable(by, round_id, asked.contest)
        with self._answering(by, found, asked, "answered" if asked.answer is None else "corrected"):
            made = questions.answer(self.stores.app, round_id, number, text, self._instant(), version)
        self.tell(found)
        return made

    def tell(self, found: Round) -> None:
        """Work out anew what the voters of a round are told, and tell it. May be run again."""
        self._exhibits(found.round_id).tell(lambda: self._told(found))

    def tell_all(self) -> None:
        """The same for every round that voters may still come to: what a kill has left undone is done."""
        for heading in ledger.headings(self.stores.engines.app):
            if heading.state in CHANGEABLE or heading.state is State.CLOSING:
                self.tell(ledger.find(self.stores.app, heading.round_id))

    def _told(self, found: Round) -> Announcements:
        facts = conduct.find(self.stores.app, found.round_id).facts
        asked = questions.of_round(self.stores.app, found.round_id)
        return told_of(found.definition, facts, asked)

    def _shown(self, found: Round, contests: Collection[int]) -> tuple[Shown, ...]:
        exhibits = self._exhibits(found.round_id)
        photos, reports = set(exhibits.listed("photo")), set(exhibits.listed("report"))
        names = {unit.code: unit.name for unit in found.definition.units}
        asked: dict[int, list[Question]] = {}
        for each in questions.of_round(self.stores.app, found.round_id):
            asked.setdefault(each.contest, []).append(each)
        facts = conduct.find(self.stores.app, found.round_id).facts
        excluded = {each.contest: each.reason for each in facts.frozen}
        return tuple(
            Shown(
                c,
                (held := found.definition.contests[c]),
                names[held.unit],
                c in photos,
                c in reports,
                tuple(asked.get(c, ())),
                excluded.get(c),
            )
            for c in contests
        )

    def _answering(self, by: Staff, found: Round, asked: Question, what: str) -> AbstractContextManager[None]:
        return self.log.acting(
            Actor.of(by),
            Act.ROUND_ANSWER,
            unit=found.definition.contests[asked.contest].unit,
            round_id=found.round_id,
            contest=asked.contest,
            question=asked.number,
            what=what,
        )

    def _asks(self, by: Staff, found: Round, contest: int) -> None:
        unit = found.definition.contests[contest].unit
        if not may(by, ASKERS, unit, self._tree(found.definition)):
            raise NotYours(tuple(ASKERS), unit)

    def _theirs(self, by: Staff, round_id: RoundId, contest: int) -> Round:
        found = ledger.find(self.stores.app, round_id)
        if not 0 <= contest < len(found.definition.contests):
            raise NoSuchContest(contest)
        held = found.definition.contests[contest]
        if not _looks_after(by, held, self._tree(found.definition)):
            raise NotYours(tuple(sorted(EXHIBITORS)), held.unit)
        return found

    def _changeable(self, by: Staff, round_id: RoundId, contest: int) -> Round:
        found = self._theirs(by, round_id, contest)
        self._still(found)
        return found

    def _still(self, found: Round) -> None:
        if found.state not in CHANGEABLE:
            raise ShownNoMore(found.round_id, found.state.value)

    def _exhibits(self, round_id: RoundId) -> Exhibits:
        return Exhibits(self.folder / round_id)

    def _tree(self, definition: Definition) -> Tree:
        """The units as they stand, and those of the round as they were when it was frozen."""
        return {**{unit.code: unit.parent for unit in definition.units}, **unit_tree(self.stores.engines.app)}

    def _instant(self) -> Instant:
        return instant(self.now())


def _looks_after(by: Staff, contest: Contest, tree: Tree) -> bool:
    """An organizer over the contest's unit, or the leader: a person's code alone lets nobody in without the
    role over that unit.
    """
    return may(by, ASKERS, contest.unit, tree) or (
        by.person == contest.person and may(by, LEADERS, contest.unit, tree)
    )
