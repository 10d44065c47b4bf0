"""The staff's door of certified papers: what of a round an account may take along, and the files.

Taking one along is a form that is sent, not a link: it is written into the staff log. Danger: these figures
are exact; the door asks for the role over the unit as it stands now, and the verb once more by the tree of
the round itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, send_file, url_for

from surveys.accounts.pages.door import AccessScope, Reach, StaffDoor, StaffPages
from surveys.accounts.roles import Staff
from surveys.names import RoundId, UnitCode
from surveys.papers.archive import BUNDLE, UPWARD, Handed, Offered, Papers, RoundPaper
from surveys.results.leaders import RoundFacts, facts
from surveys.results.shelf import find
from surveys.results.visibility import PAPERS
from surveys.web import fields
from surveys.web.doors import render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper: where it is asked for, the words of its button, and what it is."""

    address: str
    words: str
    what: str


@dataclass(frozen=True, slots=True)
class PapersPage:
    """The papers of a round; `unit_papers` are those of the chosen unit."""

    round: RoundFacts
    offered: Offered
    round_papers: tuple[PaperLine, ...]
    bundle: PaperLine | None
    unit_papers: tuple[PaperLine, ...]


PAPERS_PAGES = StaffPages()


@PAPERS_PAGES.get("/results/<round_id>/papers", roles=PAPERS, reach=Reach.TOUCHES)
def listed(papers: Papers, staff: Staff, round_id: RoundId) -> Response:
    unit = UnitCode(fields.text(request.args, "unit", 100))
    return render("results/papers.html", papers_page(papers, staff, round_id, unit))


@PAPERS_PAGES.post("/results/<round_id>/papers/bundle.zip", roles=BUNDLE)
def bundle(papers: Papers, staff: Staff, round_id: RoundId) -> Response:
    return _hand(papers.bundle(staff, round_id))


@PAPERS_PAGES.post(f"/results/<round_id>/papers/<any({', '.join(RoundPaper)}):paper>", roles=PAPERS)
def of_round(papers: Papers, staff: Staff, round_id: RoundId, paper: str) -> Response:
    return _hand(papers.of_round(staff, round_id, RoundPaper(paper)))


@PAPERS_PAGES.post("/results/<round_id>/units/<unit>/minutes.pdf", roles=PAPERS)
def of_unit(papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    return _hand(papers.of_unit(staff, round_id, unit))


@PAPERS_PAGES.post("/results/<round_id>/units/<unit>/report.pdf", roles=UPWARD)
def upward(papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode) -> Response:
    return _hand(papers.upward(staff, round_id, unit))


def door(papers: Papers, scope: AccessScope) -> StaffDoor:
    """The papers' pages."""
    entrance = StaffDoor("papers", scope)
    entrance.open_to(PAPERS_PAGES, papers)
    return entrance


def papers_page(papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode) -> PapersPage:
    """What this account may have, each paper with what it is."""
    offered = papers.offered(staff, round_id, unit)
    about = facts(find(papers.shelf, round_id))
    whole = [
        PaperLine(url_for("papers.of_round", round_id=round_id, paper=paper), words, what)
        for paper, words, what in _round_papers()
        if offered.whole and not (offered.lacking and paper in (RoundPaper.MINUTES, RoundPaper.WORKBOOK))
    ]
    bundle = PaperLine(
        url_for("papers.bundle", round_id=round_id),
        say("The audit bundle (.zip)"),
        say(
            "Everything that an auditor needs to check the whole count without this server. Every total is "
            "in it."
        ),
    )
    of_unit = []
    if offered.unit_minutes:
        of_unit.append(
            PaperLine(
                url_for("papers.of_unit", round_id=round_id, unit=offered.unit.code),
                say("Minutes of this unit (PDF)"),
                say("The leaders of this unit alone, for its own files. Marked as internal."),
            )
        )
    if offered.report:
        of_unit.append(
            PaperLine(
                url_for("papers.upward", round_id=round_id, unit=offered.unit.code),
                say("Report upward (PDF)"),
                say(
                    "One row for each leader of this unit and of all below it, for the authority above. "
                    "Marked as restricted."
                ),
            )
        )
    return PapersPage(
        about,
        offered,
        tuple(whole),
        bundle if offered.bundle and not offered.lacking else None,
        () if offered.lacking else tuple(of_unit),
    )


def _round_papers() -> tuple[tuple[RoundPaper, str, str], ...]:
    return (
        (
            RoundPaper.MINUTES,
            say("The counting minutes (PDF)"),
            say("The very file that the committee certified: the bundle names it by its hash."),
        ),
        (
            RoundPaper.WORKBOOK,
            say("The minutes as a workbook (.xlsx)"),
            say("The figures of the minutes on six sheets, as numbers to calculate with."),
        ),
        (
            RoundPaper.TABLE,
            say("The results as a table (.csv)"),
            say("A row for each leader and one for each group that was counted."),
        ),
        (
            RoundPaper.RESULTS,
            say("The results file (.json)"),
            say("The results as they stand in the bundle, for programs."),
        ),
    )


def _hand(handed: Handed) -> Response:
    """A file to take along; one that lies on the disk goes out piece by piece, never through memory."""
    if handed.path is not None:
        return send_file(handed.path, handed.mimetype, as_attachment=True, download_name=handed.name)
    answer = Response(handed.content, mimetype=handed.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{handed.name}"'
    return answer
