"""The cross table of trust and grades: a number in each cell, and a bar as long as its part of the grade's
units.
"""

from __future__ import annotations

from surveys.organisation.values import Grade
from surveys.pictures.drawing import (
    LINE,
    QUIET,
    Box,
    Figure,
    Letters,
    Picture,
    Shape,
    Table,
    line,
    lines_of_text,
)
from surveys.pictures.lettering import wrapped
from surveys.results.charts.scale import step_words
from surveys.results.grades import GradeRow, GradesPage
from surveys.results.texts import portion_text
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330


def grade_words(voice: Voice, grade: Grade | None) -> str:
    """A grade, or that there is none."""
    if grade == "excellent":
        return voice.say("Excellent")
    if grade == "good":
        return voice.say("Good")
    if grade == "completed":
        return voice.say("Completed")
    return voice.say("Not completed") if grade == "not_completed" else voice.say("Not graded")


def grades_figure(voice: Voice, page: GradesPage) -> Figure | None:
    """Trust by grade; None where no unit has a grade in the year."""
    if not page.graded:
        return None
    best = voice.both(page.round.preset.levels[0].words).lower()
    title = voice.say("Units by grade and share of %(level)s", level=best)
    columns = (*step_words(voice), voice.say("range over a limit"), voice.say("hidden"))
    caption = _caption(voice, page, best)
    pictures = [_picture(voice, page, columns, title, caption, width) for width in (WIDE, NARROW)]
    rows = tuple(
        (
            grade_words(voice, row.grade),
            voice.number(row.number),
            *map(voice.number, _cells(row)),
            portion_text(voice, row.leaders.portion(0)),
            portion_text(voice, row.leaders.portion(-1)),
        )
        for row in page.rows
    )
    lowest = voice.both(page.round.preset.levels[-1].words)
    head = (
        voice.say("Grade"),
        voice.say("Units"),
        *columns,
        voice.both(page.round.preset.levels[0].words),
        lowest,
    )
    return Figure(pictures[0], pictures[1], caption, Table(title, head, rows, frozenset(range(1, 10))))


def _caption(voice: Voice, page: GradesPage, best: str) -> str:
    said = [
        f"{grade_words(voice, row.grade).lower()} {portion_text(voice, row.leaders.portion(0))}"
        for row in page.rows
        if row.leaders.leaders
    ]
    return voice.say(
        "%(graded)s units have a grade of %(year)s. Share of %(level)s over all leaders, by grade: "
        "%(found)s.",
        graded=page.graded,
        year=page.round.year,
        level=best,
        found="; ".join(said),
    )


def _cells(row: GradeRow) -> tuple[int, ...]:
    return (*row.bands, row.unclear, row.hidden)


def _picture(
    voice: Voice, page: GradesPage, columns: tuple[str, ...], title: str, caption: str, width: int
) -> Picture:
    wide = width == WIDE
    start = 190 if wide else 6
    pitch = (width - 6 - start) // len(columns)
    shapes: list[Shape] = []
    for i, words in enumerate(columns):
        size = 12 if wide else 11
        texts = wrapped(words, pitch - 4, size, most=3)
        shapes += lines_of_text(start + pitch * i + pitch // 2, 16, texts, size, 14, "middle", QUIET)
    y = 62
    for row in page.rows:
        name = f"{grade_words(voice, row.grade)} ({voice.number(row.number)})"
        if wide:
            shapes += lines_of_text(8, y + 22, wrapped(name, start - 14, 13, most=2), 13, 16)
        else:
            shapes.append(Letters(8, y + 13, name, 13))
            y += 20
        for i, number in enumerate(_cells(row)):
            x, full = start + pitch * i, pitch - 8
            shapes.append(Box(x + 2, y, pitch - 4, 36, "#ffffff", LINE))
            if row.number and number:
                shapes.append(Box(x + 4, y + 26, max(full * number // row.number, 2), 7, "#004b87"))
            weight = number > 0
            shapes.append(
                Letters(
                    x + pitch // 2,
                    y + 19,
                    voice.number(number),
                    14,
                    "middle",
                    weight,
                    "#1c1c1c" if weight else QUIET,
                )
            )
        y += 36
        shapes.append(line(8, y + 5, width - 8, y + 5, LINE))
        y += 12
    return Picture(width, y, title, caption, tuple(shapes))
