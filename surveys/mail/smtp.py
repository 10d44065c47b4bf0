"""Messages are handed to the mail server over SMTP (RFC 5321), many over one connection.

Specified in docs/operations.md, "Mail". Danger: a server that offers no encryption, or somebody between who
hides the offer, must get neither the password nor a name: without the protection that was asked for nothing
is said at all. And a batch that breaks in the middle must neither lose nor repeat a message: each is handed
over alone, with its own answer, and repeated by itself only when the server cannot have it.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from surveys.mail.errors import MailUnavailable, SenderRefused, Unprotected
from surveys.mail.message import Message, domain, message_id, written
from surveys.mail.replies import one_line
from surveys.settings import MailSettings, Security, is_loopback

SECONDS = 30.0
_SERVICE_CLOSING = 421
_NEEDS_SIGN_IN = {530, 534, 535, 538}
_DOTS = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has taken the message. It may still come back: see `bounces`."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will never take this message for this recipient. `sentence` is the server's, for the
    organizer.
    """

    code: int
    sentence: str


class _Dropped(Exception):
    """The connection ended while the server cannot have had the whole message."""


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    said: str

    @property
    def permanent(self) -> bool:
        return 500 <= self.code <= 599


def _now() -> datetime:
    return datetime.now(UTC)


class Mailer:
    """Sends through one server. `tls` are the authorities it trusts (the system's), `now` dates the
    messages.
    """

    def __init__(
        self,
        settings: MailSettings,
        *,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _now,
        seconds: float = SECONDS,
    ) -> None:
        self.settings = settings
        self.now = now
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Messages over one connection, which is made for the first of them. One session, one thread."""
        session = Session(self)
        try:
            yield session
        finally:
            session.say_goodbye()

    def connect(self) -> smtplib.SMTP:
        """A connection that is protected as asked for and signed in. Raises MailUnavailable, Unprotected,
        SenderRefused.

        In this order: connect, (loopback?), encrypt and check the certificate, sign in. A step that fails
        closes the connection, so that no later one can happen without it.
        """
        with _explained():
            connection = self._dial()
            try:
                self._protect(connection)
                self._sign_in(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _dial(self) -> smtplib.SMTP:
        host, port, name = self.settings.host, self.settings.port, domain(self.settings)
        if self.settings.security == Security.TLS:
            return smtplib.SMTP_SSL(host, port, name, timeout=self._seconds, context=self._tls)
        return smtplib.SMTP(host, port, name, timeout=self._seconds)

    def _protect(self, connection: smtplib.SMTP) -> None:
        if self.settings.security == Security.STARTTLS:
            connection.starttls(context=self._tls)
        elif self.settings.security == Security.PLAIN:
            # Looked at again: `localhost` is whatever the resolver says it is.
            assert connection.sock is not None
            peer = str(connection.sock.getpeername()[0])
            if not is_loopback(peer):
                raise Unprotected("plain is for this machine only, and the server is on another")
        connection.ehlo_or_helo_if_needed()

    def _sign_in(self, connection: smtplib.SMTP) -> None:
        if not self.settings.user:
            return
        try:
            connection.login(self.settings.user, self.settings.password)
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except (smtplib.SMTPException, ValueError):
            raise SenderRefused("it offers no way of signing in that is known here") from None


class Session:
    """One connection, made anew when the server has ended it. Use `Mailer.session()`."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> Sent | Refused:
        """Hands over one message. Returns when the server has answered for it.

        A 5xx for the recipient or the text is returned as Refused, and the session goes on. Raised, with
        everything sent before staying sent and the session usable for the next message: MailUnavailable (no
        connection, 4xx), Unprotected, SenderRefused (a 5xx for the sender or the sign-in: it would be the
        same for every recipient). A connection that an earlier message has used and that turns out to be
        ended is made anew once, and the message repeated, if the server cannot have had all of it; otherwise
        MailUnavailable says `doubtful`. Repetition: sending a message twice sends it twice, with one
        Message-ID.
        """
        raw = written(message, self._mailer.settings, self._mailer.now())
        if self._connection is not None:
            try:
                return self._hand_over(self._connection, message, raw)
            except _Dropped:
                self._hang_up()
        self._connection = self._mailer.connect()
        try:
            return self._hand_over(self._connection, message, raw)
        except _Dropped as dropped:
            self._hang_up()
            raise MailUnavailable(str(dropped)) from dropped

    def say_goodbye(self) -> None:
        """Ends the connection. What was sent is sent, whether the server says goodbye or not."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except smtplib.SMTPException:
                pass
            finally:
                self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _hand_over(self, connection: smtplib.SMTP, message: Message, raw: bytes) -> Sent | Refused:
        try:
            answer = self._envelope(connection, message)
        except smtplib.SMTPException as broken:
            raise _Dropped(_why(broken)) from broken
        if answer is not None:
            return answer
        try:
            connection.send(_DOTS.sub(b"..", raw) + b".\r\n")
            reply = _read(connection.getreply())
        except smtplib.SMTPException as broken:
            self._hang_up()
            raise MailUnavailable(_why(broken), doubtful=True) from broken
        if 200 <= reply.code <= 299:
            return Sent(message_id(message, self._mailer.settings))
        if reply.permanent:
            return Refused(reply.code, reply.said)
        if not 400 <= reply.code <= 499:
            self._hang_up()
            raise MailUnavailable(reply.said, code=reply.code, doubtful=True)
        raise MailUnavailable(reply.said, code=reply.code)

    def _envelope(self, connection: smtplib.SMTP, message: Message) -> Refused | None:
        """Everything before the text; None when the server waits for it. DSN (RFC 3461), where it is offered:
        the recipient as we know it comes back with a bounce, the text does not."""
        tells = connection.has_extn("dsn")
        sender = ["RET=HDRS", f"ENVID={message.key}"] if tells else []
        reply = _read(connection.mail(self._mailer.settings.sender, sender))
        if reply.code != 250:
            self._give_up(connection)
            if reply.permanent:
                raise SenderRefused(reply.said, code=reply.code)
            raise MailUnavailable(reply.said, code=reply.code)
        recipient = ["NOTIFY=FAILURE", f"ORCPT=rfc822;{_xtext(message.to)}"] if tells else []
        reply = _read(connection.rcpt(message.to, recipient))
        if reply.code in {250, 251}:
            reply = _read(connection.docmd("DATA"))
            if reply.code == 354:
                return None
        self._give_up(connection)
        if reply.code in _NEEDS_SIGN_IN:
            raise SenderRefused(reply.said, code=reply.code)
        if reply.permanent:
            return Refused(reply.code, reply.said)
        raise MailUnavailable(reply.said, code=reply.code)

    def _give_up(self, connection: smtplib.SMTP) -> None:
        """Forgets the message under way. A connection on which that fails is not used again."""
        try:
            kept = connection.rset()[0] == 250
        except smtplib.SMTPException:
            kept = False
        if not kept:
            self._hang_up()


def _read(reply: tuple[int, bytes]) -> _Reply:
    code, said = reply
    if code == _SERVICE_CLOSING:
        raise _Dropped(one_line(said))
    return _Reply(code, one_line(said))


def _why(error: Exception) -> str:
    said = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else str(error)
    return one_line(said)


def _xtext(address: str) -> str:
    return address.replace("+", "+2B").replace("=", "+3D")


@contextmanager
def _explained() -> Iterator[None]:
    """What can go wrong before the first message, as one of our three errors."""
    try:
        yield
    except smtplib.SMTPNotSupportedError:
        raise Unprotected("the server offers no encryption (STARTTLS)") from None
    except smtplib.SMTPResponseException as refused:
        code, said = refused.smtp_code, _why(refused)
        if isinstance(
            refused, (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)
        ):
            if 500 <= code <= 599:
                raise SenderRefused(said, code=code) from None
        elif 500 <= code <= 599:
            raise Unprotected(said) from None
        raise MailUnavailable(said, code=code) from None
    except ssl.SSLEOFError as ended:
        raise MailUnavailable(one_line(str(ended))) from ended
    except ssl.SSLError as unsafe:
        raise Unprotected(one_line(str(unsafe))) from unsafe
    except OSError as unreachable:  # SMTPServerDisconnected is one of them
        raise MailUnavailable(one_line(str(unreachable))) from unreachable
