"""What a round refuses."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.errors import SurveysError
from surveys.names import RoundId


class NoSubjects(SurveysError):
    """No post of the organisation is marked as voted on this year."""

    def __init__(self) -> None:
        super().__init__("no post is marked as voted on (sheet posts, column subject)")


class NobodyVotes(SurveysError):
    """Some contests have no voter in their electorate. `contests` are (name, unit) pairs."""

    def __init__(self, contests: Sequence[tuple[str, str]]) -> None:
        self.contests = tuple(contests)
        listed = ", ".join(f"{name} ({unit})" for name, unit in self.contests[:5])
        super().__init__(f"nobody votes on {listed}: no voter belongs to the electorate")


class NoSuchRound(SurveysError):
    """There is no round with this id."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"there is no round {round_id}")


class IllegalMove(SurveysError):
    """A round moves one way only, one step at a time."""

    def __init__(self, round_id: RoundId, at: str, to: str) -> None:
        self.round_id, self.at, self.to = round_id, at, to
        super().__init__(f"round {round_id} is {at}: it cannot become {to}")


class AnotherRound(SurveysError):
    """There is a round with this id already, and it is not this one."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"round {round_id} is frozen already with other content")


class NoSuchDraft(SurveysError):
    """No round with this id is being prepared."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(f"no round {round_id} is being prepared")


class NoSuchContest(SurveysError):
    """The round has no contest with this number."""

    def __init__(self, contest: int) -> None:
        self.contest = contest
        super().__init__(f"there is no contest {contest}")


class NoSuchComplaint(SurveysError):
    """The round has no complaint with this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"there is no complaint {number}")


class NothingAsked(SurveysError):
    """Nothing of this kind waits for a second person."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(f"nothing of the kind {act} waits for a second person")


class OwnApproval(SurveysError):
    """Whoever asked cannot approve."""


class SecondPersonNeeded(SurveysError):
    """The round asks for a second person here, and the command line knows nobody's name."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(
            f"round {round_id} asks for a second person to open its polls or to close them early: do it on "
            f"the desk"
        )


class StatedMeanwhile(SurveysError):
    """Something was stated about the round after the papers were drawn up: they are drawn up again."""

    def __init__(self, round_id: RoundId) -> None:
        self.round_id = round_id
        super().__init__(
            "something was stated after these papers were drawn up; the new ones are to be read and signed"
        )


class NoSuchQuestion(SurveysError):
    """The round has no question with this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"there is no question {number}")


class QuestionAnswered(SurveysError):
    """A question that was answered is not withdrawn."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"question {number} is answered")


class AnsweredMeanwhile(SurveysError):
    """Somebody else has written another answer since this one was begun."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"question {number} was answered by somebody else meanwhile")


class TooManyQuestions(SurveysError):
    """A leader has as many questions as there may be."""

    def __init__(self, contest: int, most: int) -> None:
        self.contest, self.most = contest, most
        super().__init__(f"contest {contest} has {most} questions already")


class TooMuchToTell(SurveysError):
    """All answers of a round together are as long as they may be."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"the answers of the round would have more than {most} bytes")


class ShownNoMore(SurveysError):
    """Voting is over, or the round is not frozen yet: what voters are shown cannot be changed."""

    def __init__(self, round_id: RoundId, at: str) -> None:
        self.round_id, self.at = round_id, at
        super().__init__(f"round {round_id} is {at}: what voters are shown cannot be changed")
