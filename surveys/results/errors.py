"""What the results refuse."""

from __future__ import annotations

from surveys.errors import SurveysError
from surveys.names import PersonCode, RoundId, UnitCode


class NotPublished(SurveysError):
    """The round has no published results."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"round {round_id} has no published results")


class NotPublic(SurveysError):
    """The round's results are not for everybody: its definition says who may see them."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the results of round {round_id} are not public")


class NoBoardYet(SurveysError):
    """The box of this round is not sealed: there is no board before that."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the box of round {round_id} is not sealed yet")


class BoardElsewhere(SurveysError):
    """The sealed box of this round is not on this machine."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the sealed box of round {round_id} is not on this machine")


class BundleNotOffered(SurveysError):
    """The round's bundle is not for everybody, or there is none yet."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the bundle of round {round_id} is not offered to everybody")


class PublishedOtherwise(SurveysError):
    """Other results of this round are published already. What is published stays."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"round {round_id} has been published with other results")


class ForeignResults(SurveysError):
    """Results and manifest do not belong together."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"these results are not of this manifest: {where}")


class NoSuchUnit(SurveysError):
    """The round has no unit with this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"this round has no unit with the code {code!r}")


class NobodyVotedOn(SurveysError):
    """No leader of this unit, or of those below it where they are asked for too, was voted on."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"nobody was voted on in unit {code!r}")


class TypesettingFailed(SurveysError):
    """The typesetter did not give a PDF. Nothing was written."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the minutes could not be typeset: {why}")


class UncertifiedMinutes(SurveysError):
    """The minutes set now are not the certified ones: another version of the software set those, or none were
    made.
    """

    def __init__(self, named: str, made: str) -> None:
        self.named, self.made = named, made
        super().__init__(f"the minutes set now are not the certified ones: SHA-256 {made}, not {named}")


class NotSignedMinutes(SurveysError):
    """A file that should be the certified minutes with signatures behind them, and is not (`why`)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"not the certified minutes with signatures: {why}")


class SignaturesLost(SurveysError):
    """Signed minutes that do not go on from those which are kept: signatures would be gone."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        super().__init__(f"this file does not go on from the one with {kept} signatures that is kept")


class OnlyForTheLeader(SurveysError):
    """The round's definition says that a result is seen by the person it is about, and nobody else."""

    def __init__(self, contest: int) -> None:
        self.contest = contest
        super().__init__(f"the result of contest {contest} is for the person voted on")


class OnlyForHeads(SurveysError):
    """The round's definition says that a result is seen by its leader and by the heads of the unit and of
    those above.
    """

    def __init__(self, contest: int) -> None:
        self.contest = contest
        super().__init__(f"the result of contest {contest} is for the person voted on and the heads above")


class OnlyForTheUnit(SurveysError):
    """The round's definition says that a result is seen inside the unit and by the heads above."""

    def __init__(self, contest: int) -> None:
        self.contest = contest
        super().__init__(f"the result of contest {contest} is for its own unit")


class NotYourUnit(SurveysError):
    """The reader neither heads this unit nor a unit above it."""

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(f"unit {unit} is not one that this reader heads")


class NoSuchLeader(SurveysError):
    """Nobody of this code was voted on in this round."""

    def __init__(self, person: PersonCode) -> None:
        self.person = person
        super().__init__(f"no contest is about {person}")


class NothingPublished(SurveysError):
    """No round is published yet, so there is nothing to show."""


class BundleElsewhere(SurveysError):
    """The bundle of a published round does not lie on this server, or is not the one that was published."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the published bundle of round {round_id} is not here")


class NoTypesetMinutes(SurveysError):
    """The certified minutes of this round name no typeset file."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the minutes of round {round_id} name no typeset file")


class PapersOnlyAbove(SurveysError):
    """Where a result is for its leader alone, the papers of one unit are for those above the whole round, and
    for auditors.
    """

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(
            f"the round keeps its results for the leaders: no papers of unit {unit} for its head"
        )


class NothingForUnit(SurveysError):
    """Those who belong to the unit may see no result of the round: neither is anybody voted on there, nor did
    it vote.
    """

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(f"those who belong to unit {unit} may see no result of this round")


class NoSuchReadingLink(SurveysError):
    """The reading link is not, or no longer, one that opens anything."""


class ReadingLinkOver(SurveysError):
    """The reading link was good until a moment that has passed."""


class NotWithThisLink(SurveysError):
    """The unit is neither the one that the reading link is for nor above it."""

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(f"this link does not open unit {unit}")


class NotForUnits(SurveysError):
    """The round's definition does not say that everybody in a unit may see its results."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"the results of round {round_id} are not for whole units")
