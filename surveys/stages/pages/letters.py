"""Letters of a round, on the desk: how many are where, what did not arrive, what came back, reminders.

A letter is named by the key of its next message, never by its slip: who has which slip is told to nobody, for the bundle tells whose
paper was issued. What is shown and done is limited to the account's units by the desk's verbs (`Reach.TOUCHES`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, flash, request, url_for

from surveys.accounts.pages.door import Reach, StaffDoor, to
from surveys.accounts.pages.jobs import JobShown, shown
from surveys.accounts.roles import Staff
from surveys.roll.letters.letter import Letter
from surveys.rules.preset import Words
from surveys.stages.desks import Desks
from surveys.stages.letter_desk import CameBack, LettersThere
from surveys.stages.mailing import MAIL
from surveys.stages.pages.letter_forms import (
    MOST_BOUNCE_BYTES,
    MOST_TEXT,
    AddressForm,
    BouncesForm,
    ReminderForm,
    SendReminderForm,
)
from surveys.stages.pages.readers import CONDUCTORS
from surveys.stages.reminding import Preview
from surveys.web import fields
from surveys.web.doors import MOST_BYTES, render
from surveys.web.languages import number, say

SHOWN = 25
# A letter has at most four bytes, each three characters in a form. A text three times too long still gets its sentence.
MOST_REMINDER_BYTES = MOST_BYTES + 3 * 12 * MOST_TEXT


@dataclass(frozen=True, slots=True)
class LettersPage:
    """The letters of the account's units; `undelivered` is one page of them; `found` None where nobody was looked for."""

    there: LettersThere
    title: Words
    job: JobShown | None
    undelivered: tuple[Letter, ...]
    page: int
    pages: int
    asked: str
    found: tuple[Letter, ...] | None
    mailbox: BouncesForm


@dataclass(frozen=True, slots=True)
class ReminderPage:
    """A reminder is written."""

    there: LettersThere
    title: Words
    form: ReminderForm


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Whom a reminder would reach, and everything it would say."""

    there: LettersThere
    title: Words
    form: SendReminderForm
    preview: Preview
    text: str


def add_letters(door: StaffDoor, desks: Desks) -> None:
    """Hang the pages."""
    _letters(door, desks)
    _again(door, desks)
    _reminders(door, desks)


def _letters(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/letters", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def letters(staff: Staff, survey: str) -> Response:
        return _letters_page(desks, staff, survey, BouncesForm(formdata=None), 200)

    @door.post("/rounds/<survey>/letters/send", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def send_letters(staff: Staff, survey: str) -> Response:
        desks.letters.send(staff, survey)
        return to("rounds.letters", survey=survey)

    @door.post("/rounds/<survey>/letters/bounces", roles=CONDUCTORS, most_bytes=MOST_BOUNCE_BYTES)
    def take_back(staff: Staff, survey: str) -> Response:
        form = BouncesForm()
        if not form.validate():
            return _letters_page(desks, staff, survey, form, 422)
        with _laid_down(form.mailbox.data) as mailboxes:
            back = desks.letters.take_back(staff, survey, mailboxes)
        flash(_said(back), "success")
        return to("rounds.letters", survey=survey)


def _again(door: StaffDoor, desks: Desks) -> None:
    @door.post("/rounds/<survey>/letters/again", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def all_again(staff: Staff, survey: str) -> Response:
        desks.letters.send_all_again(staff, survey)
        return to("rounds.letters", survey=survey)

    @door.post("/rounds/<survey>/letters/again/<message>", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def again(staff: Staff, survey: str, message: str) -> Response:
        form = AddressForm()
        if not form.validate():
            flash(say("Nothing was sent: %(why)s", why=form.email.errors[0]), "error")
        else:
            desks.letters.send_again(staff, survey, message, form.email.data)
            flash(say("The letter is sent again, with the same content."), "success")
        return to("rounds.letters", survey=survey)


def _reminders(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/reminders", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def reminder(staff: Staff, survey: str) -> Response:
        there = desks.letters.look(staff, survey)
        form = ReminderForm(formdata=None, text=desks.letters.default_text(survey))
        return _reminder_page(there, form, 200)

    @door.post(
        "/rounds/<survey>/reminders/preview",
        roles=CONDUCTORS,
        reach=Reach.TOUCHES,
        most_bytes=MOST_REMINDER_BYTES,
    )
    def preview_reminder(staff: Staff, survey: str) -> Response:
        there, form = desks.letters.look(staff, survey), ReminderForm()
        form.unit.choices = [code for code, _ in there.units]
        if not form.validate():
            return _reminder_page(there, form, 422)
        preview = desks.letters.preview(staff, survey, form.unit.data)
        sending = SendReminderForm(
            formdata=None, unit=form.unit.data, text=form.text.data, number=preview.number
        )
        whole = desks.letters.whole_text(survey, form.text.data)
        return render(
            "desk/reminder_preview.html", PreviewPage(there, there.round.title, sending, preview, whole)
        )

    @door.post(
        "/rounds/<survey>/reminders",
        roles=CONDUCTORS,
        reach=Reach.TOUCHES,
        most_bytes=MOST_REMINDER_BYTES,
    )
    def remind(staff: Staff, survey: str) -> Response:
        there, form = desks.letters.look(staff, survey), SendReminderForm()
        form.unit.choices = [code for code, _ in there.units]
        if not form.validate():
            return _reminder_page(there, form, 422)
        desks.letters.remind(staff, survey, form.unit.data, form.number.data, form.text.data)
        flash(say("Reminder %(number)s is written and being sent.", number=form.number.data), "success")
        return to("rounds.letters", survey=survey)


def _letters_page(desks: Desks, staff: Staff, survey: str, mailbox: BouncesForm, status: int) -> Response:
    there = desks.letters.look(staff, survey)
    pages = max(1, -(-len(there.undelivered) // SHOWN))
    page = min(fields.number(request.args, "page", low=1, high=10**6, absent=1), pages)
    asked = fields.text(request.args, "q", 100)
    shown_page = LettersPage(
        there=there,
        title=there.round.title,
        job=shown(there.job, url_for("rounds.job", survey=survey, kind=MAIL)) if there.open else None,
        undelivered=there.undelivered[(page - 1) * SHOWN : page * SHOWN],
        page=page,
        pages=pages,
        asked=asked,
        found=desks.letters.find(staff, survey, asked) if asked else None,
        mailbox=mailbox,
    )
    return render("desk/letters.html", shown_page, status)


def _reminder_page(there: LettersThere, form: Any, status: int) -> Response:
    return render("desk/reminder.html", ReminderPage(there, there.round.title, form), status)


def _said(back: CameBack) -> str:
    words = [say("Letters of this round that came back: %(n)s.", n=number(back.ours))]
    if back.foreign:
        words.append(
            say(
                "Returned letters that are not of this round, or were noted before: %(n)s.",
                n=number(back.foreign),
            )
        )
    if back.others:
        words.append(say("Other letters in the files: %(n)s.", n=number(back.others)))
    if back.unreadable:
        words.append(say("Letters that could not be read: %(n)s.", n=number(back.unreadable)))
    if back.more:
        words.append(say("Reading stopped at the limit: empty the mailbox and send the rest."))
    return " ".join(words)


@contextmanager
def _laid_down(files: Iterable[Any]) -> Iterator[tuple[Path, ...]]:
    """The files in a folder that is removed afterwards, under names of our own; an mbox file is known by its first bytes."""
    with tempfile.TemporaryDirectory(prefix="tin-nhiem-") as folder:
        paths = []
        for each, file in enumerate(file for file in files if file.filename):
            start = file.stream.read(5)
            file.stream.seek(0)
            path = Path(folder) / f"{each:04}.{'mbox' if start == b'From ' else 'eml'}"
            file.save(path)
            file.close()
            paths.append(path)
        yield tuple(paths)
