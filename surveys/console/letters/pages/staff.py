"""Letters of a round, on the desk: how many are where, what did not arrive, what came back, reminders.

A letter is named by the key of its next message, never by its slip: who has which slip is told to nobody, for
the bundle tells whose paper was issued. What is shown and done is limited to the account's units by the
desk's verbs (`Reach.TOUCHES`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Response, flash, request, url_for
from werkzeug.datastructures import FileStorage

from surveys.accounts.pages.door import Reach, StaffDoor, StaffPages, to
from surveys.accounts.pages.jobs import JobShown, shown
from surveys.accounts.roles import Staff
from surveys.console.letters.forms import (
    MOST_BOUNCE_BYTES,
    MOST_TEXT,
    AddressForm,
    BouncesForm,
    ReminderForm,
    SendReminderForm,
)
from surveys.console.letters.reminding import Preview
from surveys.console.letters.writing import CameBack, LettersThere, LetterWriting
from surveys.console.readers import CONDUCTORS
from surveys.instance.kinds import MAIL
from surveys.letters.letter import Letter
from surveys.names import RoundId
from surveys.rules.preset import Words
from surveys.web import fields
from surveys.web.doors import MOST_BYTES, render
from surveys.web.languages import number, say

SHOWN = 25
# A letter has at most four bytes, each three characters in a form. A text three times too long still gets its
# sentence.
MOST_REMINDER_BYTES = MOST_BYTES + 3 * 12 * MOST_TEXT


@dataclass(frozen=True, slots=True)
class LettersPage:
    """The letters of the account's units; `undelivered` is one page of them; `found` None where nobody was
    looked for.
    """

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


LETTERS_PAGES = StaffPages()


@LETTERS_PAGES.get("/rounds/<round_id>/letters", roles=CONDUCTORS, reach=Reach.TOUCHES)
def letters(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    return _letters_page(desk, staff, round_id, BouncesForm(formdata=None), 200)


@LETTERS_PAGES.post("/rounds/<round_id>/letters/send", roles=CONDUCTORS, reach=Reach.TOUCHES)
def send_letters(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    desk.send(staff, round_id)
    return to("rounds.letters", round_id=round_id)


@LETTERS_PAGES.post("/rounds/<round_id>/letters/bounces", roles=CONDUCTORS, most_bytes=MOST_BOUNCE_BYTES)
def take_back(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    form = BouncesForm()
    if not form.validate():
        return _letters_page(desk, staff, round_id, form, 422)
    with _laid_down(form.mailbox.data) as mailboxes:
        back = desk.take_back(staff, round_id, mailboxes)
    flash(_said(back), "success")
    return to("rounds.letters", round_id=round_id)


AGAIN_PAGES = StaffPages()


@AGAIN_PAGES.post("/rounds/<round_id>/letters/again", roles=CONDUCTORS, reach=Reach.TOUCHES)
def all_again(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    desk.send_all_again(staff, round_id)
    return to("rounds.letters", round_id=round_id)


@AGAIN_PAGES.post("/rounds/<round_id>/letters/again/<message>", roles=CONDUCTORS, reach=Reach.TOUCHES)
def again(desk: LetterWriting, staff: Staff, round_id: RoundId, message: str) -> Response:
    form = AddressForm()
    if not form.validate():
        flash(say("Nothing was sent: %(why)s", why=form.email.errors[0]), "error")
    else:
        desk.send_again(staff, round_id, message, form.email.data)
        flash(say("The letter is sent again, with the same content."), "success")
    return to("rounds.letters", round_id=round_id)


REMINDERS_PAGES = StaffPages()


@REMINDERS_PAGES.get("/rounds/<round_id>/reminders", roles=CONDUCTORS, reach=Reach.TOUCHES)
def reminder(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    there = desk.look(staff, round_id)
    form = ReminderForm(formdata=None, text=desk.default_text(round_id))
    form.unit.offer(there.units)
    return _reminder_page(there, form, 200)


@REMINDERS_PAGES.post(
    "/rounds/<round_id>/reminders/preview",
    roles=CONDUCTORS,
    reach=Reach.TOUCHES,
    most_bytes=MOST_REMINDER_BYTES,
)
def preview_reminder(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    there, form = desk.look(staff, round_id), ReminderForm()
    form.unit.offer(there.units)
    if not form.validate():
        return _reminder_page(there, form, 422)
    preview = desk.preview(staff, round_id, form.unit.data)
    sending = SendReminderForm(formdata=None, unit=form.unit.data, text=form.text.data, number=preview.number)
    whole = desk.whole_text(round_id, form.text.data)
    return render(
        "desk/reminder_preview.html", PreviewPage(there, there.round.title, sending, preview, whole)
    )


@REMINDERS_PAGES.post(
    "/rounds/<round_id>/reminders",
    roles=CONDUCTORS,
    reach=Reach.TOUCHES,
    most_bytes=MOST_REMINDER_BYTES,
)
def remind(desk: LetterWriting, staff: Staff, round_id: RoundId) -> Response:
    there, form = desk.look(staff, round_id), SendReminderForm()
    form.unit.offer(there.units)
    if not form.validate():
        return _reminder_page(there, form, 422)
    desk.remind(staff, round_id, form.unit.data, form.number.data, form.text.data)
    flash(say("Reminder %(number)s is written and being sent.", number=form.number.data), "success")
    return to("rounds.letters", round_id=round_id)


def add_letters(door: StaffDoor, desk: LetterWriting) -> None:
    """Put the pages behind the door."""
    door.open_to(LETTERS_PAGES, desk)
    door.open_to(AGAIN_PAGES, desk)
    door.open_to(REMINDERS_PAGES, desk)


def _letters_page(
    desk: LetterWriting, staff: Staff, round_id: RoundId, mailbox: BouncesForm, status: int
) -> Response:
    there = desk.look(staff, round_id)
    pages = max(1, -(-len(there.undelivered) // SHOWN))
    page = min(fields.number(request.args, "page", low=1, high=10**6, absent=1), pages)
    asked = fields.text(request.args, "q", 100)
    shown_page = LettersPage(
        there=there,
        title=there.round.title,
        job=shown(there.job, url_for("rounds.job", round_id=round_id, kind=MAIL)) if there.open else None,
        undelivered=there.undelivered[(page - 1) * SHOWN : page * SHOWN],
        page=page,
        pages=pages,
        asked=asked,
        found=desk.find(staff, round_id, asked) if asked else None,
        mailbox=mailbox,
    )
    return render("desk/letters.html", shown_page, status)


def _reminder_page(there: LettersThere, form: ReminderForm, status: int) -> Response:
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
def _laid_down(files: Iterable[FileStorage]) -> Iterator[tuple[Path, ...]]:
    """The files in a folder that is removed afterwards, under names of our own; an mbox file is known by its
    first bytes.
    """
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
