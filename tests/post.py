"""Rounds whose letters leave through the test's own mail server: a desk with addresses, and what stands in
the messages it took.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path

from surveys.accounts.roles import Role
from surveys.console.background import background_work
from surveys.instance.kinds import MAIL
from surveys.instance.mailing_job import Outgoing
from surveys.jobs.queue import Job, Standing
from surveys.letters import mailings as letters
from surveys.letters.letter import Letter
from surveys.names import RoundId, UnitCode
from surveys.organisation.values import Organisation
from surveys.settings import Settings
from surveys.stages import preparing
from tests.desk import Desk, a_desk
from tests.jobs.test_queue import awaited
from tests.mail.build import settings_for
from tests.mail.letters import ORIGINAL, POSTFIX
from tests.mail.server import Answers, PostOffice, Taken, serving
from tests.organisations import a_bloc

ADDRESS = "https://vote.example"
CODE = re.compile(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{5}")


def with_addresses(organisation: Organisation) -> Organisation:
    """The organisation, everybody with a mail address."""
    people = tuple(
        replace(person, email=f"{person.code.lower()}@example.vn") for person in organisation.people
    )
    return replace(organisation, people=people)


@dataclass
class Post:
    """A desk, the mail server its letters go to, and workers that send them."""

    desk: Desk
    office: PostOffice

    def round(self, number: int, slips: str = "mailed", **decided: object) -> RoundId:
        """A frozen round over A (A1: 6, A2: 2, A3: 7 voters)."""
        if slips != "mailed":
            return self.desk.frozen(number, slips=slips, **decided)
        round_id = self.desk.draft(number, slips=slips, **decided)
        preparing.freeze_mailed(self.desk.site.stores, round_id, 1)
        return round_id

    def done(self, round_id: RoundId) -> Job:
        """The mail job of a round, once it has ended."""
        awaited(lambda: (job := self.desk.jobs.look(MAIL, round_id)) is not None and not job.under_way)
        job = self.desk.jobs.look(MAIL, round_id)
        assert job is not None
        return job

    def sent(self, round_id: RoundId) -> None:
        """Send everything as the organizer of the round does, and wait."""
        self.desk.desks.letters.send(self.desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
        assert self.done(round_id).standing is Standing.DONE

    def letters(self, round_id: RoundId) -> tuple[Letter, ...]:
        """All letters of a round."""
        return letters.everything(self.desk.site.stores.app, round_id)

    def states(self, round_id: RoundId) -> list[str]:
        """The states of its letters."""
        return sorted(letter.state.value for letter in self.letters(round_id))


@contextmanager
def a_post(
    folder: Path, organisation: Organisation | None = None, answers: Answers | None = None
) -> Iterator[Post]:
    """A desk over a_bloc with addresses; `answers` are those of the mail server."""
    with serving(PostOffice(answers=answers or {})) as office:
        settings = Settings(mail=settings_for(office), address=ADDRESS)
        desk = a_desk(folder, settings, organisation or with_addresses(a_bloc()))
        desk.jobs.teach(background_work(desk.site.stores, desk.desks.log, Outgoing.of(settings)))
        desk.jobs.start()
        yield Post(desk, office)
        desk.jobs.close()
        desk.site.stores.close()


def read(taken: Taken) -> tuple[str, str]:
    """Subject and text of a message."""
    message = message_from_bytes(taken.raw, policy=policy.default)
    return str(message["Subject"]), message.get_content()


def key_of(taken: Taken) -> str:
    """The Message-ID of a message, in angle brackets."""
    (found,) = re.findall(rb"Message-ID: (<[^>]+>)", taken.raw)
    return str(found, "ascii")


def came_back(taken: Taken, said: str = "") -> bytes:
    """What a mail server writes when a message could not be delivered."""
    raw = POSTFIX.replace(ORIGINAL, key_of(taken)).replace("voter7@huyen.example.vn", taken.recipient)
    return raw.replace("User unknown in\n    virtual mailbox table", said or "no mailbox").encode()
