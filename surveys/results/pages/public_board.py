"""The public door of the board: what was sealed, who signed it, every receipt code with its proof, and the
bundle where everybody may have it.

Danger: no total stands here, in any state and whatever the visibility; and the bundle, which holds them all,
is handed out only where the board itself says so (`SealedBoard.bundle`). And nobody asks for one code or one
place: whoever did would tell the server, and every log on the way, which ballot it is about (docs/protocol.md
15.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, send_file, url_for

from surveys.names import NO_ROUND, RoundId
from surveys.protocol.manifest import Definition
from surveys.results.boards import (
    STRETCH,
    Boards,
    OfferedBundle,
    SealedBoard,
    Stretch,
    pages_of,
    stretches_of,
)
from surveys.results.errors import BundleNotOffered
from surveys.rules.preset import Words
from surveys.web import fields
from surveys.web.doors import Audience, Door, Pages, render
from surveys.web.languages import current

OPENING = 4
"""Characters by which a page of the board is named: the beginning of its first code."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The board of a round: of `pages` pages this is the one numbered `page`; `openings` are how the first
    code of each begins.
    """

    title: Words
    definition: Definition
    round_id: RoundId
    published: bool
    size: int
    manifest_hash: str
    root: str
    checkpoint: str
    cosigners: tuple[str, ...]
    page: int
    pages: int
    openings: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    bundle: OfferedBundle | None


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """The verifier's page: with a round's bundle where it is offered, or for a file that the visitor has.
    Empty texts where there is none.
    """

    language: str
    round_id: RoundId
    base: str
    title_vi: str
    title_en: str
    board: str
    bundle: str
    size: int
    sha256: str


BOARD_PAGES = Pages()


@BOARD_PAGES.get("/rounds/<round_id>/board", keeps=frozenset({"page"}))
def show_board(boards: Boards, round_id: RoundId) -> Response:
    asked = fields.number(request.args, "page", low=1, high=1_000_000, absent=1)
    return render("results/board.html", board_page(boards.open(round_id), asked))


@BOARD_PAGES.get("/rounds/<round_id>/manifest.json")
def manifest(boards: Boards, round_id: RoundId) -> Response:
    return _file(boards.open(round_id).manifest, "application/json", f"manifest-{round_id}.json")


@BOARD_PAGES.get("/rounds/<round_id>/checkpoint.txt")
def checkpoint(boards: Boards, round_id: RoundId) -> Response:
    return _file(boards.open(round_id).checkpoint, "text/plain", f"checkpoint-{round_id}.txt")


@BOARD_PAGES.get("/rounds/<round_id>/bundle.zip")
def bundle(boards: Boards, round_id: RoundId) -> Response:
    offered = boards.open(round_id).bundle
    if offered is None:
        raise BundleNotOffered(round_id)
    # Handed to the server piece by piece, never read into memory.
    return send_file(
        offered.path, "application/zip", as_attachment=True, download_name=f"bundle-{round_id}.zip"
    )


@BOARD_PAGES.get("/rounds/<round_id>/verify")
def verify_round(boards: Boards, round_id: RoundId) -> Response:
    return render("results/verify.html", verify_page(boards.open(round_id)))


@BOARD_PAGES.get("/verify")
def verify(boards: Boards) -> Response:
    nothing = VerifyPage(current().value, NO_ROUND, "", "", "", "", "", 0, "")
    return render("results/verify.html", nothing)


def door(boards: Boards) -> Door:
    """The pages over these boards."""
    entrance = Door("board", Audience.PUBLIC)
    entrance.open_to(BOARD_PAGES, boards)
    return entrance


def board_page(board: SealedBoard, asked: int) -> BoardPage:
    """A page of the board, counted from 1. A number beyond the last one shows the last one."""
    pages = pages_of(board)
    page = min(asked, pages)
    definition = board.definition
    return BoardPage(
        title=definition.title,
        definition=definition,
        round_id=definition.round_id,
        published=board.state.value == "published",
        size=len(board.leaves),
        manifest_hash=board.manifest_hash.hex(),
        root=board.root.hex(),
        checkpoint=board.checkpoint.decode(),
        cosigners=tuple(definition.trustees[i - 1] for i in board.cosigners),
        page=page,
        pages=pages,
        openings=tuple(code[:OPENING] for code in board.codes[: pages * STRETCH : STRETCH]),
        stretches=stretches_of(board, page),
        bundle=board.bundle,
    )


def verify_page(board: SealedBoard) -> VerifyPage:
    """The verifier's page of a round; with its bundle where everybody may have it."""
    definition, offered = board.definition, board.bundle
    round_id = definition.round_id
    return VerifyPage(
        language=current().value,
        round_id=round_id,
        base="",
        title_vi=definition.title_vi,
        title_en=definition.title_en,
        board=f"/rounds/{round_id}/board",
        bundle="" if offered is None else url_for("board.bundle", round_id=round_id),
        size=0 if offered is None else offered.size,
        sha256="" if offered is None else offered.sha256,
    )


def _file(raw: bytes, mimetype: str, name: str) -> Response:
    answer = Response(raw, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
