"""The public door of the board: what was sealed, who signed it, every receipt code with its proof, and the bundle where everybody may have it.

Danger: no total stands here, in any state and whatever the visibility; and the bundle, which holds them all, is handed out only where the
board itself says so (`SealedBoard.bundle`).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, send_file, url_for

from surveys.protocol.manifest import Definition
from surveys.results.boards import Boards, OfferedBundle, Place, SealedBoard, place_of
from surveys.results.errors import BundleNotOffered
from surveys.rules.preset import Words
from surveys.web import fields
from surveys.web.doors import Audience, Door, render
from surveys.web.languages import current

CODES_A_PAGE = 60
_READ_AS = str.maketrans("OIL", "011", " -")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A receipt code and its place on the board, counted from 1."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class CodeSearch:
    """What the visitor asked for: the beginning of a code."""

    words: str
    page: int


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The board of a round: `found` codes begin as was asked, `pages` pages of them, and `codes` are on this one."""

    title: Words
    definition: Definition
    survey: str
    published: bool
    size: int
    manifest_hash: str
    root: str
    checkpoint: str
    cosigners: tuple[str, ...]
    search: CodeSearch
    found: int
    pages: int
    codes: tuple[CodeLine, ...]
    bundle: OfferedBundle | None


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Where one ballot stands, and the way from it to the root."""

    title: Words
    survey: str
    size: int
    root: str
    place: Place


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """The verifier's page: with a round's bundle where it is offered, or for a file that the visitor has. Empty texts where there is none."""

    language: str
    survey: str
    base: str
    title_vi: str
    title_en: str
    board: str
    bundle: str
    size: int
    sha256: str


def door(boards: Boards) -> Door:
    """The pages over these boards."""
    entrance = Door("board", Audience.PUBLIC)

    @entrance.get("/rounds/<survey>/board")
    def show_board(survey: str) -> Response:
        search = CodeSearch(
            words=fields.text(request.args, "q", 40),
            page=fields.number(request.args, "page", low=1, high=1_000_000, absent=1),
        )
        return render("results/board.html", board_page(boards.open(survey), search))

    @entrance.get("/rounds/<survey>/board/<code>")
    def show_place(survey: str, code: str) -> Response:
        board = boards.open(survey)
        return render("results/place.html", place_page(board, place_of(board, code)))

    @entrance.get("/rounds/<survey>/manifest.json")
    def manifest(survey: str) -> Response:
        return _file(boards.open(survey).manifest, "application/json", f"manifest-{survey}.json")

    @entrance.get("/rounds/<survey>/checkpoint.txt")
    def checkpoint(survey: str) -> Response:
        return _file(boards.open(survey).checkpoint, "text/plain", f"checkpoint-{survey}.txt")

    @entrance.get("/rounds/<survey>/bundle.zip")
    def bundle(survey: str) -> Response:
        offered = boards.open(survey).bundle
        if offered is None:
            raise BundleNotOffered(survey)
        # Handed to the server piece by piece, never read into memory.
        return send_file(
            offered.path, "application/zip", as_attachment=True, download_name=f"bundle-{survey}.zip"
        )

    @entrance.get("/rounds/<survey>/verify")
    def verify_round(survey: str) -> Response:
        return render("results/verify.html", verify_page(boards.open(survey)))

    @entrance.get("/verify")
    def verify() -> Response:
        nothing = VerifyPage(current().value, "", "", "", "", "", "", 0, "")
        return render("results/verify.html", nothing)

    return entrance


def board_page(board: SealedBoard, search: CodeSearch) -> BoardPage:
    """The page that answers a search. A page number beyond the last one shows the last one."""
    sought = search.words.upper().translate(_READ_AS)
    found = [
        CodeLine(number, code)
        for number, code in enumerate(board.codes, 1)
        if code.replace("-", "").startswith(sought)
    ]
    pages = max(1, -(-len(found) // CODES_A_PAGE))
    page = min(search.page, pages)
    definition = board.definition
    return BoardPage(
        title=definition.title,
        definition=definition,
        survey=definition.survey.hex(),
        published=board.state.value == "published",
        size=len(board.leaves),
        manifest_hash=board.manifest_hash.hex(),
        root=board.root.hex(),
        checkpoint=board.checkpoint.decode(),
        cosigners=tuple(definition.trustees[i - 1] for i in board.cosigners),
        search=CodeSearch(search.words, page),
        found=len(found),
        pages=pages,
        codes=tuple(found[(page - 1) * CODES_A_PAGE : page * CODES_A_PAGE]),
        bundle=board.bundle,
    )


def place_page(board: SealedBoard, place: Place) -> PlacePage:
    """The page of one ballot."""
    title = board.definition.title
    return PlacePage(title, board.definition.survey.hex(), len(board.leaves), board.root.hex(), place)


def verify_page(board: SealedBoard) -> VerifyPage:
    """The verifier's page of a round; with its bundle where everybody may have it."""
    definition, offered = board.definition, board.bundle
    survey = definition.survey.hex()
    return VerifyPage(
        language=current().value,
        survey=survey,
        base="",
        title_vi=definition.title_vi,
        title_en=definition.title_en,
        board=f"/rounds/{survey}/board",
        bundle="" if offered is None else url_for("board.bundle", survey=survey),
        size=0 if offered is None else offered.size,
        sha256="" if offered is None else offered.sha256,
    )


def _file(raw: bytes, mimetype: str, name: str) -> Response:
    answer = Response(raw, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
