"""What cannot be read as a spreadsheet at all."""

from __future__ import annotations

from surveys.errors import SurveysError


class UnusableFile(SurveysError):
    """A file that cannot be read at all: not a spreadsheet, too large, a bomb. Nothing was imported."""

    def __init__(self, name: str, vi: str, en: str) -> None:
        self.name, self.vi, self.en = name, vi, en
        super().__init__(f"{name}: {en}")
