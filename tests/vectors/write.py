"""`make vectors`: writes our own vectors anew, the same bytes each time. A change there is a change of the
protocol.

Vectors of other sources (RFCs, certificate-transparency, …) are never touched.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.vectors import chapters
from tests.vectors.book import Book
from tests.vectors.reading import OURS, ROOT, SHARED, all_vectors
from tests.vectors.vote import the_vote


def ours() -> dict[str, str]:
    """Path under tests/vectors → text, of everything that we make ourselves."""
    vote = the_vote()
    book = Book(vote.entries())
    for module in chapters.ALL:
        module.write(book, vote)
    written = {path: vector.encode() for path, vector in book.vectors.items()}
    return written | {SHARED.name: json.dumps(dict(book.entries), ensure_ascii=False, indent=1) + "\n"}


def main() -> None:
    """Write our vectors and remove those of ours that are no more."""
    written = ours()
    for vector in list(all_vectors()):
        if vector.source == OURS and vector.path not in written:
            Path(ROOT / vector.path).unlink()
    for name, text in written.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    print(f"{len(written)} files")


if __name__ == "__main__":
    main()
