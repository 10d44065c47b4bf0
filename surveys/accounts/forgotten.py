"""A forgotten password: a letter with a link that lets its reader choose another one, once and within the
hour (docs/operations.md, "Staff").

The link is that of an invitation. Danger: whoever asks is nobody yet. So every address is answered alike and
in the same time, the letter goes to the address that the account has had all along, an account without a
second factor gets none (the mailbox alone would then open it), and what is asked for is written into the
staff log before the letter leaves.
"""

from __future__ import annotations

from datetime import timedelta

from surveys.accounts.errors import NoSuchStaff
from surveys.accounts.invitations import invite
from surveys.accounts.keeping import account_by, find_account
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.jobs.queue import Jobs, Tell, Work
from surveys.mail.message import Message
from surveys.mail.smtp import Mailer
from surveys.settings import MailSettings
from surveys.stores.store import Store

PASSWORD = "password"  # noqa: S105  (the name of a kind of work)
NOBODY = "nobody"
MINUTES = 60
PAGE = "/s/{language}/invitation/{token}"


def ask(store: Store, jobs: Jobs, email: str) -> None:
    """Somebody asks for a letter to this address. A job begins whether or not an account has it: the answer
    takes as long.
    """
    found = account_by(store, email=email)
    jobs.begin(PASSWORD, NOBODY if found is None else found.staff.id)


def writing(store: Store, log: StaffLog, mail: MailSettings | None, address: str) -> Work:
    """The job that writes to an account (its id is what the job is about). Run again it writes again, and the
    earlier link ends.
    """

    def write(about: str, tell: Tell) -> None:
        if about == NOBODY or mail is None or not address:
            return
        try:
            account = find_account(store, about)
        except NoSuchStaff:
            return
        if account.secrets.password is None or not (account.staff.active and account.has_second_factor):
            return
        with log.acting(Actor.of(account.staff), Act.ACCOUNT_FORGOTTEN):
            token = invite(store.engine, about, log.now(), timedelta(minutes=MINUTES))
        with Mailer(mail).session() as session:
            session.send(letter(account.staff.name, account.staff.email, address, token))

    return write


def letter(name: str, email: str, address: str, token: str) -> Message:
    """What the letter says, in both languages."""
    vi, en = (
        f"{address.rstrip('/')}{PAGE.format(language=language, token=token)}" for language in ("vi", "en")
    )
    text = "\n".join(
        (
            f"{name},",
            "",
            "Có người yêu cầu đặt lại mật khẩu Tín Nhiệm của bạn. Mở đường dẫn này để chọn mật khẩu mới:",
            vi,
            f"Đường dẫn dùng được một lần, trong {MINUTES} phút. Khi đăng nhập vẫn cần mã hoặc khóa "
            f"truy cập.",
            "Nếu không phải bạn yêu cầu, hãy bỏ qua thư này: mật khẩu cũ vẫn dùng được.",
            "",
            "Somebody asked for a new password for your Tín Nhiệm account. Open this link to choose one:",
            en,
            f"It is good once, for {MINUTES} minutes. Signing in still asks for your code or passkey.",
            "If it was not you, disregard this letter: your password stays as it is.",
            "",
        )
    )
    return Message(to=email, name=name, subject="Tín Nhiệm: đặt lại mật khẩu / a new password", text=text)
