"""The kinds of work that an instance does in the background (`surveys.jobs`), each safe to run again."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.accounts.forgotten import PASSWORD, writing
from surveys.accounts.staff_log import StaffLog
from surveys.console.organisation.upkeep import import_work
from surveys.instance.kinds import FREEZE, MAIL, MEMBERS
from surveys.instance.mailing_job import Outgoing, mailing
from surveys.instance.member_mail_job import member_mailing
from surveys.instance.slip_service import freezing
from surveys.jobs.queue import Work
from surveys.stores.store import Stores


def background_work(stores: Stores, log: StaffLog, outgoing: Outgoing) -> Mapping[str, Work]:
    """Kind → what it does. What staff began is written into their log when it is done.

    Without a mail server `mail` and `members` are there too and say so: a job that waits for one must not
    hang.
    """
    return {
        FREEZE: freezing(stores),
        MAIL: mailing(stores.app, outgoing),
        MEMBERS: member_mailing(stores.app, outgoing, log.now),
        PASSWORD: writing(stores.app, log, outgoing.mail, outgoing.address),
        **import_work(stores.app, log),
    }
