"""What the results refuse."""

from __future__ import annotations

from surveys.errors import SurveysError


class NotPublished(SurveysError):
    """The round has no published results."""

    def __init__(self, survey: str) -> None:
        self.survey = survey
        super().__init__(f"round {survey} has no published results")


class NotPublic(SurveysError):
    """The round's results are not for everybody: its definition says who may see them."""

    def __init__(self, survey: str) -> None:
        self.survey = survey
        super().__init__(f"the results of round {survey} are not public")


class PublishedOtherwise(SurveysError):
    """Other results of this round are published already. What is published stays."""

    def __init__(self, survey: str) -> None:
        self.survey = survey
        super().__init__(f"round {survey} has been published with other results")


class ForeignResults(SurveysError):
    """Results and manifest do not belong together."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"these results are not of this manifest: {where}")
