"""What a stage refuses that no single room could."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.errors import SurveysError
from surveys.instants import Instant, instant_text
from surveys.names import RoundId, UnitCode


@dataclass(frozen=True, slots=True)
class MarksError:
    """One thing wrong in a file of marks: row (1 is the header), column, and what it should be, in two
    languages.
    """

    row: int
    column: str
    vi: str
    en: str


class BadMarks(SurveysError):
    """A file of marks with errors; all of them are listed."""

    def __init__(self, name: str, errors: Sequence[MarksError]) -> None:
        self.name, self.errors = name, tuple(errors)
        first = self.errors[0]
        super().__init__(f"{name}: {len(self.errors)} errors; row {first.row}, {first.column}: {first.en}")


class ImpossiblePresent(SurveysError):
    """Fewer present than took a paper, or more than were summoned."""

    def __init__(self, present: int, issued: int, summoned: int) -> None:
        self.present, self.issued, self.summoned = present, issued, summoned
        super().__init__(
            f"{present} present is not between {issued} (papers issued) and {summoned} (summoned)"
        )


class BundleRefused(SurveysError):
    """The bundle that was made does not verify; nothing was published. `checks` are the numbers that
    failed.
    """

    def __init__(self, checks: Sequence[str]) -> None:
        self.checks = tuple(checks)
        super().__init__(
            f"the bundle does not verify: check {', '.join(self.checks)} failed; nothing was published"
        )


class SlipsDoNotFit(SurveysError):
    """The slips that were made are not one each for the voters of this round."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the slips do not fit the voters of this round: {why}")


class NoAddresses(SurveysError):
    """Slips go by e-mail only to voters who have an address."""

    def __init__(self, voters: Sequence[str]) -> None:
        self.voters = tuple(voters)
        shown = ", ".join(self.voters[:20]) + (" …" if len(self.voters) > 20 else "")
        super().__init__(f"{len(self.voters)} voters have no e-mail address: {shown}")


class StillFreezing(SurveysError):
    """A round is frozen once at a time."""


class NoSlips(SurveysError):
    """A round is frozen with slips, and none are made."""


class MoreBallotsThanPapers(SurveysError):
    """Some panels have more ballots than papers issued: certification stops. `units` are their codes."""

    def __init__(self, units: Sequence[str]) -> None:
        self.units = tuple(units)
        super().__init__(f"more ballots than papers issued in {', '.join(self.units)}")


class ProgramChanged(SurveysError):
    """The programs that voters load are not those that the slips name: the software was changed since they
    were made.
    """


class NotReady(SurveysError):
    """A round cannot be frozen yet; `tasks` are what is missing."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tuple(tasks)
        super().__init__(f"not done yet: {', '.join(self.tasks)}")


class NoLaterEnd(SurveysError):
    """An extension must end later than the polls do, and later than now."""

    def __init__(self, until: Instant) -> None:
        self.until = until
        super().__init__(f"{instant_text(until)} is not later than the polls close")


class ReasonNeeded(SurveysError):
    """This step has a reason, which stands in the minutes."""


class NoMailServer(SurveysError):
    """Letters are sent only where a mail server is set (TIN_NHIEM_SMTP_…)."""


class NoSiteAddress(SurveysError):
    """Letters are sent only where the address is set under which voters reach the site
    (TIN_NHIEM_ADDRESS).
    """


class NobodyToRemind(SurveysError):
    """No voter of the unit has a mail address."""

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(f"no voter of {unit} has a mail address")


class SlipsFirst(SurveysError):
    """A reminder comes after the slips."""


class RuleChanged(SurveysError):
    """A round's rule is no longer the one that was edited: somebody else has decided it meanwhile."""


class NotTheWholeVote(SurveysError):
    """These stores cannot be accepted as they are: papers or ballots of this round may be missing."""

    def __init__(self, round_id: RoundId) -> None:
        super().__init__(
            f"papers or ballots of the round {round_id} may be missing: put newer copies of its stores back; "
            f"without any, the vote is void"
        )
