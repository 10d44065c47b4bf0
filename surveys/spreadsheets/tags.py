"""XML that anybody may have made, parsed in one pass: each tag counted, document types refused, no tag
without an end.

Danger: whatever takes the tags sees them as they come. An entity of a document type could grow without end,
an unfinished tag would be gone over again with every block: both are refused here, for every kind of file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.packed import Damaged
from surveys.spreadsheets.rows import MAX_ATTRIBUTES, MAX_TOKEN, Budget, too_large

MAX_TAGS = 1000


class _Shorts(dict[str, str]):
    """Tag with its namespace → tag. A part that has very many kinds of tags is none of ours."""

    def __missing__(self, name: str) -> str:
        if len(self) > MAX_TAGS:
            raise Damaged
        short = self[name] = name[name.rfind(" ") + 1 :]
        return short


class Tags:
    """Takes the tags of a part, each counted. A part of which only the opening tags matter gives them to
    `opened`.
    """

    def __init__(self, budget: Budget, opened: Callable[[str, dict[str, str]], None] | None = None) -> None:
        self._budget, self._opened = budget, opened
        self._take_element = budget.take_element
        self._shorts = _Shorts()

    def start(self, name: str, at: dict[str, str]) -> None:
        """A tag opens."""
        self.counted(at)
        if self._opened is not None:
            self._opened(self._shorts[name], at)

    def text(self, data: str) -> None:
        """Text between tags."""

    def end(self, name: str) -> None:
        """A tag closes."""

    def counted(self, at: dict[str, str]) -> None:
        """One more tag, with no more attributes than any has."""
        self._take_element()
        if len(at) > MAX_ATTRIBUTES:
            raise Damaged


def parsed(name: str, blocks: Iterable[tuple[int, bytes]], reader: Tags) -> Iterator[int]:
    """Parse blocks (how many bytes each stands for, what of them is parsed). Yields each number when the
    block is parsed.
    """

    def doctype(*_: object) -> None:
        vi = "tệp chứa khai báo DOCTYPE, không được nhận"
        raise UnusableFile(name, vi, "the file declares a document type, which is refused")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = doctype
    read = 0
    for size, block in blocks:
        read += len(block)
        parser.Parse(block, False)
        # The parser goes over an unfinished tag again with every block: a long one would cost its square.
        if read - parser.CurrentByteIndex > MAX_TOKEN:
            raise too_large(name)
        yield size
    parser.Parse(b"", True)
