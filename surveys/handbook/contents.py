"""The handbooks that are shipped: which there are, and each as values, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from surveys.handbook.blocks import Block, Span, blocks_of
from surveys.handbook.errors import NoSuchHandbook

NAMES = (
    "voter",
    "secrecy",
    "organizer",
    "committee",
    "leader",
    "auditor",
    "operator",
    "questions",
    "privacy",
    "accessibility",
)
"""In the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Handbook:
    """One handbook in one language; the title apart from the rest."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def handbook(folder: Path, language: str, name: str) -> Handbook:
    """The handbook of this name; `NoSuchHandbook` where there is none."""
    if name not in NAMES:
        raise NoSuchHandbook
    return _read(folder / language / f"{name}.md")


def titles(folder: Path, language: str) -> Mapping[str, str]:
    """Name → title, in the order of `NAMES`."""
    return {name: handbook(folder, language, name).title for name in NAMES}


@lru_cache(maxsize=64)
def _read(path: Path) -> Handbook:
    first, *rest = blocks_of(path.read_text("utf-8"))
    title = "".join(span.text for span in first.spans)
    return Handbook(path.stem, title, tuple(_at_home(block) for block in rest))


def _at_home(block: Block) -> Block:
    """Links between handbooks lead to their pages, other documents of the repository are only named, pictures
    are static files.
    """
    spans = tuple(map(_followed, block.spans))
    items = tuple(tuple(map(_followed, item)) for item in block.items)
    rows = tuple(tuple(tuple(map(_followed, cell)) for cell in row) for row in block.rows)
    _, _, picture = block.source.partition("static/")
    return replace(block, spans=spans, items=items, rows=rows, source=picture)


def _followed(span: Span) -> Span:
    name = span.href.removesuffix(".md")
    return replace(span, href=name if name in NAMES else "")
