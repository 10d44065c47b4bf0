"""A handbook as plain values: headings, paragraphs, lists, tables, pictures. A template draws them; no HTML
is made here.

The pages are Markdown (docs/handbook), read by markdown-it. Danger: a renderer of HTML would need a template
that does not escape; so nothing that is not one of these values gets through, and a page that holds anything
else does not load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line: plain, `strong`, `em` or `code`; `href` where it leads somewhere."""

    text: str
    kind: str = ""
    href: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page. `kind` is `h1`, `h2`, `p`, `pre`, `ul`, `ol`, `table` or `img`; only what it needs is
    filled.

    `spans` of a heading or paragraph, `text` of code, `items` of a list, `head` and `rows` of a table,
    `source` and `text` of a picture.
    """

    kind: str
    spans: Spans = ()
    text: str = ""
    items: tuple[Spans, ...] = ()
    head: tuple[Spans, ...] = ()
    rows: tuple[tuple[Spans, ...], ...] = ()
    source: str = ""


class NotAHandbook(ValueError):
    """The page holds something that none of these values is for. A mistake of ours, caught by a test."""


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """The parts of a page, in order."""
    return tuple(_blocks(MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at)
        within = tokens[at + 1 : end]
        match token.type:
            case "heading_open":
                yield Block(token.tag, _line(within))
            case "paragraph_open":
                yield _paragraph(within)
            case "code_block" | "fence":
                yield Block("pre", text=token.content.rstrip("\n"))
            case "bullet_list_open" | "ordered_list_open":
                items = _parts(within, "list_item_open")
                yield Block(token.tag, items=tuple(_line(item) for item in items))
            case "table_open":
                rows = [tuple(_line(cell) for cell in _cells(row)) for row in _parts(within, "tr_open")]
                yield Block("table", head=rows[0], rows=tuple(rows[1:]))
            case _:
                raise NotAHandbook(token.type)
        at = end + 1


def _end(tokens: Sequence[Token], at: int) -> int:
    """The place of the token that ends what begins here: itself where nothing was opened."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    raise NotAHandbook("not closed")


def _parts(tokens: Sequence[Token], opened: str) -> list[Sequence[Token]]:
    """What stands inside each `opened` of these tokens, those inside others not counted."""
    places = [place for place, token in enumerate(tokens) if token.type == opened]
    return [tokens[place + 1 : _end(tokens, place)] for place in places]


def _cells(row: Sequence[Token]) -> list[Sequence[Token]]:
    return [[token] for token in row if token.type == "inline"]


def _line(tokens: Sequence[Token]) -> Spans:
    inline = [token for token in tokens if token.type == "inline"]
    if len(inline) != 1:
        raise NotAHandbook("more than one line")
    return tuple(_spans(inline[0].children or []))


def _paragraph(tokens: Sequence[Token]) -> Block:
    children = tokens[0].children or []
    if len(children) == 1 and children[0].type == "image":
        return Block("img", text=children[0].content, source=str(children[0].attrs["src"]))
    return Block("p", _line(tokens))


def _spans(children: Sequence[Token]) -> Iterator[Span]:
    kinds: list[str] = []
    href = ""
    for token in children:
        match token.type:
            case "text":
                if token.content:
                    yield Span(token.content, kinds[-1] if kinds else "", href)
            case "softbreak":
                yield Span(" ", kinds[-1] if kinds else "", href)
            case "code_inline":
                yield Span(token.content, "code", href)
            case "strong_open" | "em_open":
                kinds.append(token.tag)
            case "strong_close" | "em_close":
                kinds.pop()
            case "link_open":
                href = str(token.attrs["href"])
            case "link_close":
                href = ""
            case _:
                raise NotAHandbook(token.type)
