"""What the web room itself refuses."""

from __future__ import annotations

from surveys.errors import SurveysError


class BadField(SurveysError):
    """A field of the address or of a form holds what it cannot hold. `field` is its name."""

    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why
        super().__init__(f"field {field}: {why}")


class NoSuchPage(SurveysError):
    """There is nothing at this address."""

    def __init__(self) -> None:
        super().__init__("there is nothing at this address")


class NotThisWay(SurveysError):
    """The address exists, but not for this method."""

    def __init__(self) -> None:
        super().__init__("this address does not answer to this method")


class TooLarge(SurveysError):
    """More bytes were sent than this page takes."""

    def __init__(self) -> None:
        super().__init__("more bytes were sent than this page takes")


class BadRequest(SurveysError):
    """The request could not be read."""

    def __init__(self) -> None:
        super().__init__("the request could not be read")


class StaleForm(SurveysError):
    """A form came without its token, or with one of another session."""

    def __init__(self) -> None:
        super().__init__("the form came without its token")


class TakesNoQuestion(SurveysError):
    """The address came with a query, and takes none. `field` is the first name in it."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"this address takes no query: {field}")


class TooManyRequests(SurveysError):
    """More requests came from one place than people make."""

    def __init__(self) -> None:
        super().__init__("more requests came from one place than people make")


class Broken(SurveysError):
    """Something failed that nobody foresaw; the log of the server has it."""

    def __init__(self) -> None:
        super().__init__("something failed that nobody foresaw")
