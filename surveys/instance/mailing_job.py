"""Letters leave the house in the background, and what stands in them (docs/operations.md, "Mail").

The job sends everything of a round that waits; killed or refused half-way, it goes on with what still waits.
Danger: a letter with a slip's code leads its reader to where the code is typed in. So the address in it is a
setting of the installation, never what a browser said in its Host header.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surveys.instants import Instant
from surveys.jobs.queue import Tell, Work
from surveys.letters import mailings as letters
from surveys.letters.letter import Kind, Letter
from surveys.letters.reminders import reminder_text
from surveys.mail.message import MOST_HEADING
from surveys.mail.smtp import Mailer
from surveys.names import RoundId
from surveys.protocol.definition import Slips
from surveys.protocol.manifest import Definition
from surveys.rounds import conduct, ledger
from surveys.settings import MailSettings, Settings
from surveys.stages.errors import NoMailServer, NoSiteAddress
from surveys.stores.store import Store
from surveys.web.languages import Language, moment_in

Write = Callable[[Letter], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How letters leave this installation: through which server, and under which address their readers reach
    the site.
    """

    mail: MailSettings | None
    address: str

    @classmethod
    def of(cls, settings: Settings) -> Outgoing:
        """As it is set."""
        return cls(settings.mail, settings.address)

    @property
    def ready(self) -> bool:
        """Whether letters can leave."""
        return self.mail is not None and self.address != ""

    def require(self) -> MailSettings:
        """The mail server. Raises NoMailServer or NoSiteAddress where one of the two is not set."""
        if self.mail is None:
            raise NoMailServer("no mail server is set: see TIN_NHIEM_SMTP_HOST in docs/operations.md")
        if not self.address:
            raise NoSiteAddress("the site's address is not set: see TIN_NHIEM_ADDRESS in docs/operations.md")
        return self.mail


def mailing(store: Store, outgoing: Outgoing) -> Work:
    """The job that sends what waits of a round (the round's id is what the job is about)."""

    def mail(about: str, tell: Tell) -> None:
        round_id = RoundId(about)
        mailer = Mailer(outgoing.require())
        write = writer(store, round_id, outgoing.address)
        # Looked at again after the connection is closed: what was written meanwhile goes out too.
        while letters.waiting(store.engine, round_id):
            with mailer.session() as session:
                letters.send(store, round_id, session, write, lambda n: tell.begin("letters", n), tell.step)

    return mail


def writer(store: Store, round_id: RoundId, address: str) -> Write:
    """What gives subject and text of each letter of a round. Raises NoSuchRound."""
    definition = ledger.find(store, round_id).definition
    closes = conduct.find(store, round_id).facts.extended_to or definition.closes
    said: dict[int, str] = {}

    def write(letter: Letter) -> tuple[str, str]:
        if letter.kind is Kind.SLIP:
            return slip_text(definition, closes, address, letter)
        if letter.mailing not in said:
            text = reminder_text(store, round_id, letter.mailing)
            said[letter.mailing] = whole_reminder(definition, address, text)
        return reminder_subject(definition), said[letter.mailing]

    return write


def slip_text(definition: Definition, closes: Instant, address: str, letter: Letter) -> tuple[str, str]:
    """Subject and text of a slip that goes by e-mail, in both languages."""
    booth = booth_of(definition, address)
    (opens, ends), (opens_en, ends_en) = (
        [moment_in(language, at, definition.time_zone) for at in (definition.opens, closes)]
        for language in Language
    )
    subject = heading(f"{definition.title_vi} / {definition.title_en}")
    return subject, "\n".join(
        (
            f"{letter.name} – {letter.unit}",
            "",
            f"Buồng bỏ phiếu của bạn: {booth}#{letter.code}",
            f"Mã: {letter.code}",
            f"Bỏ phiếu từ {opens} đến {ends}.",
            "Lựa chọn được mã hóa trên máy của bạn; không ai mở từng phiếu. Đừng chuyển thư này cho "
            "người khác.",
            "",
            f"Your booth: {booth}#{letter.code}",
            f"Code: {letter.code}",
            f"Polls are open from {opens_en} to {ends_en}.",
            "Your marks are encrypted on your device; nobody opens a single ballot. Do not forward this "
            "message.",
            "",
        )
    )


def reminder_subject(definition: Definition) -> str:
    """What a reminder's subject says."""
    return heading(f"Nhắc bỏ phiếu / Reminder: {definition.title_vi} / {definition.title_en}")


def whole_reminder(definition: Definition, address: str, text: str) -> str:
    """A reminder as it is sent: the organizer's text, and under it what nobody can leave out."""
    booth = booth_of(definition, address)
    mailed = definition.slips == Slips.MAILED
    return "\n".join(
        (
            text,
            "",
            "--",
            f"Buồng bỏ phiếu: {booth}",
            "Mã bỏ phiếu nằm trong giấy mời đã gửi trước." if mailed else "Mã bỏ phiếu in trên giấy mời.",
            "Thư này gửi cho mọi người ghi phiếu có địa chỉ thư trong đơn vị, dù đã bỏ phiếu hay chưa.",
            "",
            f"The booth: {booth}",
            "Your code stands in the letter that came before."
            if mailed
            else "Your code is printed on your slip.",
            "This letter goes to every voter of the unit who has a mail address, whether they have voted "
            "or not.",
            "",
        )
    )


def booth_of(definition: Definition, address: str) -> str:
    """The address of a round's booth."""
    return f"{address.rstrip('/')}/b/{definition.round_id}/"


def heading(text: str) -> str:
    """A subject that a message can have: titles may be longer."""
    return text if len(text) <= MOST_HEADING else f"{text[: MOST_HEADING - 1]}…"
