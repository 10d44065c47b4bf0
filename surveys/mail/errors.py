"""What the mail room refuses. None of these carries an address, a name, a text or a password.

Danger: the server's own words (`why`) are a stranger's, and it likes to repeat the recipient's address. They
are for logs and for the end of a job, cut to one line by `replies.one_line` and without addresses.
"""

from __future__ import annotations

from surveys.errors import SurveysError
from surveys.mail.replies import without_addresses


class MailError(SurveysError):
    """A refusal of the mail room."""


class MailUnavailable(MailError):
    """The mail server cannot be reached or says “later”. What was sent before stays sent; this message was
    not.

    With `doubtful` the connection broke after the whole message had left and before the server's answer: it
    may arrive. Whoever sends it again uses the same `Message`, so that both copies have one Message-ID.
    """

    def __init__(self, why: str, *, code: int | None = None, doubtful: bool = False) -> None:
        self.why, self.code, self.doubtful = without_addresses(why), code, doubtful
        after = "; this message may have arrived" if doubtful else ""
        super().__init__(f"the mail server is not available ({code or 'no answer'}): {self.why}{after}")


class Unprotected(MailError):
    """The connection is not the protected one that was asked for. Neither a message nor the password was
    sent.
    """

    def __init__(self, why: str) -> None:
        self.why = without_addresses(why)
        super().__init__(f"the connection to the mail server is not protected: {self.why}")


class SenderRefused(MailError):
    """The server refuses this house, whoever the recipient is: its sign-in, its sender's address, its
    greeting.
    """

    def __init__(self, why: str, *, code: int | None = None) -> None:
        self.why, self.code = without_addresses(why), code
        super().__init__(f"the mail server does not take mail from here ({code or 'no sign-in'}): {self.why}")


class BadMessage(MailError):
    """A part of a message that cannot be sent as it is. `part` names the field; nothing was sent."""

    def __init__(self, part: str, why: str) -> None:
        self.part, self.why = part, why
        super().__init__(f"message.{part}: {why}")


class UnreadableMailbox(MailError):
    """Neither an mbox file, nor an .eml file, nor a folder of them."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"{name}: {why}")
