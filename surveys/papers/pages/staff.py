"""The staff's door of certified papers: what of a round an account may take along, and the files.

Taking one along is a form that is sent, not a link: it is written into the staff log. Danger: these figures
are exact; the door asks for the role over the unit as it stands now, and the verb once more by the tree of
the round itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, flash, request, send_file, url_for

from surveys.accounts.pages.door import AccessScope, Reach, StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.audit.case import Signature
from surveys.names import NO_UNIT, RoundId, UnitCode
from surveys.papers.archive import (
    BUNDLE,
    SIGNERS,
    UPWARD,
    Form,
    Handed,
    Offered,
    Papers,
    RoundPaper,
    UnitPaper,
)
from surveys.papers.pages.forms import SignedForm
from surveys.results.errors import NotSignedMinutes, SignaturesLost
from surveys.results.leaders import RoundFacts, facts
from surveys.results.shelf import find
from surveys.results.visibility import PAPERS
from surveys.web import fields
from surveys.web.doors import render
from surveys.web.languages import current, say
from surveys.web.sentences import sentence


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper: where it is asked for, the words of its button, and what it is; `editable` is where the same
    is had as .docx, or empty.
    """

    address: str
    words: str
    what: str
    editable: str = ""


@dataclass(frozen=True, slots=True)
class PapersPage:
    """The papers of a round; `unit_papers` are those of the chosen unit. `signatures` is None where the whole
    minutes are not for this account; `take_in` where it gathers none.
    """

    round: RoundFacts
    offered: Offered
    round_papers: tuple[PaperLine, ...]
    bundle: PaperLine | None
    unit_papers: tuple[PaperLine, ...]
    signatures: tuple[Signature, ...] | None
    damaged: bool
    take_in: SignedForm | None


PAPERS_PAGES = StaffPages()
MADE_FROM_BUNDLE = frozenset(
    {RoundPaper.MINUTES, RoundPaper.SIGNED, RoundPaper.EDITABLE, RoundPaper.WORKBOOK}
)
MOST_BYTES = 16 * 1024 * 1024
"""The minutes of a large round have 9 MB, each signature some hundred kilobytes at most."""
FORMS = f"any({', '.join(Form)})"


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


@PAPERS_PAGES.post("/results/<round_id>/papers/signed", roles=SIGNERS, most_bytes=MOST_BYTES)
def take_in(papers: Papers, staff: Staff, round_id: RoundId) -> Response:
    form = SignedForm()
    if form.validate():
        with form.signed.data.stream as file:
            content = file.read()
        try:
            papers.take_in(staff, round_id, content)
        except (NotSignedMinutes, SignaturesLost) as error:
            form.signed.errors = [sentence(error).words[current().value].text]
        else:
            flash(say("Kept. The signatures that the minutes carry are shown below."), "success")
            return to("papers.listed", round_id=round_id)
    page = papers_page(papers, staff, round_id, NO_UNIT, form)
    return render("results/papers.html", page, 422)


@PAPERS_PAGES.post(f"/results/<round_id>/units/<unit>/minutes.<{FORMS}:form>", roles=PAPERS)
def of_unit(papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode, form: str) -> Response:
    return _hand(papers.of_unit(staff, round_id, unit, UnitPaper.MINUTES, Form(form)))


@PAPERS_PAGES.post(f"/results/<round_id>/units/<unit>/<any(report, list):kind>.<{FORMS}:form>", roles=UPWARD)
def upward(papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode, kind: str, form: str) -> Response:
    return _hand(papers.of_unit(staff, round_id, unit, UnitPaper(kind), Form(form)))


@PAPERS_PAGES.post(f"/results/<round_id>/units/<unit>/notices/<int:number>.<{FORMS}:form>", roles=PAPERS)
def notice(
    papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode, number: int, form: str
) -> Response:
    return _hand(papers.notice(staff, round_id, unit, number, Form(form)))


def door(papers: Papers, scope: AccessScope) -> StaffDoor:
    """The papers' pages."""
    entrance = StaffDoor("papers", scope)
    entrance.open_to(PAPERS_PAGES, papers)
    return entrance


def papers_page(
    papers: Papers, staff: Staff, round_id: RoundId, unit: UnitCode, form: SignedForm | None = None
) -> PapersPage:
    """What this account may have, each paper with what it is."""
    offered = papers.offered(staff, round_id, unit)
    about = facts(find(papers.shelf, round_id))
    whole = [
        PaperLine(
            url_for("papers.of_round", round_id=round_id, paper=paper),
            words,
            what,
            url_for("papers.of_round", round_id=round_id, paper=RoundPaper.EDITABLE)
            if paper is RoundPaper.MINUTES
            else "",
        )
        for paper, words, what in _round_papers()
        if offered.whole and not (offered.lacking and paper in MADE_FROM_BUNDLE)
    ]
    bundle = PaperLine(
        url_for("papers.bundle", round_id=round_id),
        say("The audit bundle (.zip)"),
        say(
            "Everything that an auditor needs to check the whole count without this server. Every total is "
            "in it."
        ),
    )
    signatures = papers.signatures(staff, round_id) if offered.whole and not offered.lacking else None
    return PapersPage(
        about,
        offered,
        tuple(whole),
        bundle if offered.bundle and not offered.lacking else None,
        () if offered.lacking else tuple(_unit_papers(round_id, offered)),
        None if signatures is None else signatures.given,
        signatures is not None and signatures.damaged,
        (form or SignedForm(formdata=None)) if signatures is not None and signatures.gathers else None,
    )


def _unit_papers(round_id: RoundId, offered: Offered) -> Iterator[PaperLine]:
    unit = offered.unit.code
    if offered.unit_minutes:
        pdf, docx = (
            url_for("papers.of_unit", round_id=round_id, unit=unit, form=form.value) for form in Form
        )
        what = say("The leaders of this unit alone, for its own files. Marked as internal.")
        yield PaperLine(pdf, say("Minutes of this unit (PDF)"), what, docx)
    for kind, words, what in _upward() if offered.report else ():
        pdf, docx = (
            url_for("papers.upward", round_id=round_id, unit=unit, kind=kind.value, form=form.value)
            for form in Form
        )
        yield PaperLine(pdf, words, what, docx)
    for number, name in offered.leaders if offered.unit_minutes else ():
        pdf, docx = (
            url_for("papers.notice", round_id=round_id, unit=unit, number=number, form=form.value)
            for form in Form
        )
        what = say("The result of this leader alone, to be signed and handed over. Marked as restricted.")
        yield PaperLine(pdf, say("Notice to %(name)s (PDF)", name=name), what, docx)


def _upward() -> tuple[tuple[UnitPaper, str, str], ...]:
    return (
        (
            UnitPaper.REPORT,
            say("Report upward (PDF)"),
            say(
                "One row for each leader of this unit and of all below it, for the authority above. "
                "Marked as restricted."
            ),
        ),
        (
            UnitPaper.LIST,
            say("List of results (PDF)"),
            say("The same rows as a list, without the overview of what follows. Marked as restricted."),
        ),
    )


def _round_papers() -> tuple[tuple[RoundPaper, str, str], ...]:
    return (
        (
            RoundPaper.MINUTES,
            say("The counting minutes (PDF)"),
            say("The very file that the committee certified: the bundle names it by its hash."),
        ),
        (
            RoundPaper.SIGNED,
            say("The minutes with digital signatures (PDF)"),
            say(
                "The certified file with the signatures so far, and an empty field for everybody who signs. "
                "Sign this very file and bring it back below."
            ),
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
