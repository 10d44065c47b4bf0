"""What sheets and columns mean, for people, in both languages (`columns.toml`): for the template's help and
for forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from surveys.organisation.columns import COLUMNS, names_of
from surveys.organisation.words import said

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExplainedColumn:
    """A column: whether it must be filled in, a short label, and what it says."""

    name: str
    needed: bool
    label: Words
    text: Words


@dataclass(frozen=True, slots=True)
class ExplainedSheet:
    """A sheet, its columns, and rows that show how it is filled in."""

    name: str
    title: Words
    text: Words
    columns: tuple[ExplainedColumn, ...]
    examples: tuple[tuple[str, ...], ...]


@cache
def explained() -> Mapping[str, ExplainedSheet]:
    """Every sheet. A column without words raises KeyError at the first use, so at the start of every test
    run.
    """
    read = said()
    return {
        sheet: ExplainedSheet(
            sheet,
            read[sheet]["sheet"],
            {"vi": read[sheet]["vi"], "en": read[sheet]["en"]},
            tuple(
                ExplainedColumn(
                    name,
                    f"{name}*" in COLUMNS[sheet],
                    read[sheet]["columns"][name]["label"],
                    read[sheet]["columns"][name]["text"],
                )
                for name in names_of(sheet)
            ),
            tuple(map(tuple, read[sheet]["examples"])),
        )
        for sheet in COLUMNS
    }
