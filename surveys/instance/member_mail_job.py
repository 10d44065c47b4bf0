"""The letters with which members of the counting committee get their personal links, sent in the background.

Danger: the token of a link is made when its letter leaves, stands in the letter alone, and ends the earlier
link. So nothing is made before the mail server answers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from surveys.accounts.links import Purpose, make_link
from surveys.instance.mailing_job import Outgoing, heading
from surveys.jobs.queue import Tell, Work
from surveys.letters.member_letters import members_waiting, send_to_members
from surveys.mail.smtp import Mailer
from surveys.names import RoundId
from surveys.protocol.manifest import Definition
from surveys.rounds import ledger
from surveys.stores.store import Store

DAYS_OF_A_LINK = 30


def member_mailing(store: Store, outgoing: Outgoing, now: Callable[[], datetime]) -> Work:
    """The job that sends what waits for the members of a round's committee (the round's id is what the job is
    about).
    """

    def mail(about: str, tell: Tell) -> None:
        round_id = RoundId(about)
        mailer = Mailer(outgoing.require(), now=now)

        def write(member: int) -> tuple[str, str, str]:
            definition = ledger.find(store, round_id).definition
            name = definition.trustees[member - 1]
            token = make_link(store.engine, round_id, Purpose.TRUSTEE, member, now(), DAYS_OF_A_LINK)
            link = f"{outgoing.address.rstrip('/')}/k/{round_id}/#{token}"
            return name, *link_letter(definition, name, link)

        # Looked at again after the connection is closed: what was asked for meanwhile goes out too.
        while waiting := members_waiting(store.engine, round_id):
            tell.begin("letters", len(waiting))
            mailer.connect().close()
            with mailer.session() as session:
                send_to_members(store, round_id, session, write, tell.step)

    return mail


def link_letter(definition: Definition, name: str, link: str) -> tuple[str, str]:
    """Subject and text of the letter that brings a member's link, in both languages."""
    n, t = len(definition.trustees), definition.threshold
    return heading(f"Ban kiểm phiếu / Counting committee: {definition.title_vi}"), "\n".join(
        (
            f"Kính gửi {name},",
            "",
            f"Bạn là thành viên ban kiểm phiếu ({n} người, cần {t} người để kiểm phiếu). Đường dẫn riêng "
            f"của bạn:",
            link,
            f"Đường dẫn dùng được {DAYS_OF_A_LINK} ngày, cho buổi tạo khóa và khi kiểm phiếu. Đừng chuyển "
            f"thư này cho ai.",
            "Khi dự buổi tạo khóa, hãy mang máy tính hoặc điện thoại, và có máy in hoặc giấy bút.",
            "",
            f"You are a member of the counting committee ({n} members, {t} are needed to count). Your "
            f"personal link:",
            link,
            f"It is good for {DAYS_OF_A_LINK} days, for the ceremony and the count. Do not forward this "
            f"message.",
            "Bring a computer or a phone to the ceremony, and have a printer or pen and paper.",
            "",
        )
    )
