"""Certified papers on the readers' pages: who takes along what, that it is the certified file, and that it
stands in the log.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from surveys.accounts.roles import Grant, Role
from surveys.accounts.staff_log import StaffLog
from surveys.audit.verifier import verify
from surveys.names import PersonCode, UnitCode
from surveys.organisation.register import import_organisation
from tests.counted import Counted, counted_vote
from tests.minuted import pages_of
from tests.organisations import a_bloc
from tests.signing import an_authority, signed
from tests.staff import Browser, StaffSite, everything, over, said

PAPERS = ("bundle.zip", "minutes.pdf", "minutes_signed.pdf", "minutes.xlsx", "results.csv", "results.json")
GRANTS = {
    "auditor": everything(Role.AUDITOR),
    "organizer": everything(Role.ORGANIZER),
    "below": Grant(Role.AUTHORITY, UnitCode("A")),
    "leader": everything(Role.LEADER),
}


@pytest.fixture(scope="module")
def vote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    counted = counted_vote(tmp_path_factory.mktemp("papers"), "heads")
    import_organisation(counted.stores.app, a_bloc(), confirmed=False)
    yield counted
    counted.stores.close()


@pytest.fixture(scope="module")
def site(vote: Counted) -> StaffSite:
    return over(vote.stores)


@pytest.fixture(scope="module")
def readers(site: StaffSite) -> Mapping[str, Browser]:
    """A browser for each account."""
    return {
        name: site.browser(
            site.account(name, grant, person=PersonCode("A1-01") if name == "leader" else None)
        )
        for name, grant in GRANTS.items()
    }


def at(vote: Counted, rest: str = "papers") -> str:
    return f"/s/en/results/{vote.round_id}/{rest}"


def taken(browser: Browser, vote: Counted, paper: str = "minutes_signed.pdf") -> bytes:
    with browser.post(at(vote, f"papers/{paper}"), at=at(vote)) as handed:
        assert handed.status_code == 200
        content: bytes = handed.get_data()
    return content


def written(site: StaffSite) -> list[tuple[str, str | None, object]]:
    """The log: act, unit and file of each entry."""
    log = StaffLog(site.stores.app, lambda: datetime.now(UTC))
    return [(each.act, each.unit, each.facts.get("file")) for each in log.entries()]


def test_what_is_taken_along_is_the_certified_file(vote: Counted, readers: Mapping[str, Browser]) -> None:
    auditor = readers["auditor"]
    taken = {}
    for paper in PAPERS:
        with auditor.post(at(vote, f"papers/{paper}"), at=at(vote)) as handed:
            taken[paper] = handed.get_data()
    assert taken["bundle.zip"] == vote.bundle.read_bytes()
    assert verify(vote.bundle).good
    with zipfile.ZipFile(io.BytesIO(taken["bundle.zip"])) as bundle:
        minutes, results = json.loads(bundle.read("minutes.json")), bundle.read("results.json")
    assert hashlib.sha256(taken["minutes.pdf"]).hexdigest() == minutes["pdf"]
    assert taken["results.json"] == results
    low = [contest["levels"]["low"] for contest in json.loads(results)["contests"] if contest["levels"]]
    table = taken["results.csv"].decode("utf-8-sig").splitlines()
    assert len(table) > len(low)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(taken["minutes.xlsx"]))
    assert len(sheets.sheet_names) == 6


def test_one_units_minutes_and_the_report_upward_are_of_that_unit(
    vote: Counted, readers: Mapping[str, Browser]
) -> None:
    below = readers["below"]
    for paper in ("minutes", "report"):
        handed = below.post(at(vote, f"units/A/{paper}.pdf"), at=at(vote, "papers?unit=A"))
        assert handed.status_code == 200
        assert handed.headers["Content-Disposition"] == f'attachment; filename="{paper}-2026-A.pdf"'
        assert pages_of(handed.get_data())
    assert below.post(at(vote, "units/K/minutes.pdf"), at=at(vote, "papers?unit=A")).status_code == 403


def test_whoever_takes_a_paper_along_stands_in_the_log_and_a_refusal_leaves_no_entry(
    vote: Counted, site: StaffSite, readers: Mapping[str, Browser]
) -> None:
    organizer = readers["organizer"]
    before = written(site)
    assert organizer.post(at(vote, "papers/results.csv"), at=at(vote)).status_code == 200
    entries = written(site)
    assert len(entries) == len(before) + 1
    assert ("results.exported", "K", "results.csv") in entries
    assert organizer.post(at(vote, "papers/bundle.zip"), at=at(vote)).status_code == 403
    assert organizer.post(at(vote, "units/A1/report.pdf"), at=at(vote)).status_code == 403
    assert written(site) == entries


def test_a_link_alone_takes_nothing_along_and_a_form_without_its_token_neither(
    vote: Counted, site: StaffSite, readers: Mapping[str, Browser]
) -> None:
    before = written(site)
    for paper in PAPERS:
        assert readers["auditor"].get(at(vote, f"papers/{paper}")).status_code == 405
        assert readers["auditor"].post(at(vote, f"papers/{paper}"), token=False).status_code == 400
    assert written(site) == before


def test_each_account_is_offered_what_it_may_have_and_nothing_else(
    vote: Counted, readers: Mapping[str, Browser]
) -> None:
    def offered(name: str) -> list[str]:
        page = said(readers[name].get(at(vote)))
        words = (
            "The audit bundle (.zip)",
            "The counting minutes (PDF)",
            "Minutes of this unit (PDF)",
            "Report upward",
        )
        return [each for each in words if each in page]

    assert offered("auditor") == [
        "The audit bundle (.zip)",
        "The counting minutes (PDF)",
        "Minutes of this unit (PDF)",
        "Report upward",
    ]
    assert offered("organizer") == ["The counting minutes (PDF)", "Minutes of this unit (PDF)"]
    assert offered("below") == ["Minutes of this unit (PDF)", "Report upward"]
    assert readers["leader"].get(at(vote)).status_code == 403


def test_another_file_in_the_place_of_the_bundle_is_never_handed_out(
    vote: Counted, readers: Mapping[str, Browser]
) -> None:
    kept = vote.bundle.read_bytes()
    try:
        vote.bundle.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        auditor = readers["auditor"]
        page = said(auditor.get(at(vote)))
        assert "does not lie on this server, or is not the one that was published" in page
        assert "The audit bundle (.zip)" not in page
        for paper in ("bundle.zip", "minutes.pdf", "minutes.xlsx"):
            assert auditor.post(at(vote, f"papers/{paper}"), at=at(vote)).status_code == 404
    finally:
        vote.bundle.write_bytes(kept)


def send(browser: Browser, vote: Counted, content: bytes) -> TestResponse:
    form = {"signed": (io.BytesIO(content), "minutes.pdf")}
    answer: TestResponse = browser.post(at(vote, "papers/signed"), form, at=at(vote))
    return answer


def test_signed_minutes_come_back_and_are_handed_on_with_their_signatures(
    vote: Counted, site: StaffSite, readers: Mapping[str, Browser]
) -> None:
    organizer, authority = readers["organizer"], an_authority()
    fresh = taken(organizer, vote)
    assert fresh.startswith(taken(organizer, vote, "minutes.pdf"))
    fields = PdfReader(io.BytesIO(fresh)).get_fields() or {}
    assert {"Chair", "Secretary", "Head of the committee"} <= set(fields)
    assert "Nobody has signed the minutes digitally yet." in said(organizer.get(at(vote)))

    one = signed(fresh, authority.person("Ngô Thị Chín"), "Chair")
    assert send(organizer, vote, one).status_code == 303
    page = said(readers["auditor"].get(at(vote)))
    assert "Ngô Thị Chín" in page
    assert "Certificate of Cơ quan chứng thực thử" in page
    assert taken(readers["auditor"], vote) == one
    assert ("minutes.signed", "K", None) in written(site)

    # Whoever signs an older file would take the chair's signature away; one with anything else is not kept.
    lost = send(organizer, vote, signed(fresh, authority.person("Khác"), "Secretary"))
    assert lost.status_code == 422
    assert "carry signatures that this file lacks" in said(lost)
    for wrong in (fresh, one + b"x", one[:-2], b"no PDF"):
        refused = send(organizer, vote, wrong)
        assert refused.status_code == 422
        assert "is not the certified minutes with nothing but signatures added" in said(refused)
    assert send(organizer, vote, b"").status_code == 422
    assert send(readers["auditor"], vote, one).status_code == 403
    assert taken(organizer, vote) == one
    two = signed(one, authority.person("Đỗ Văn Mười"), "Secretary")
    assert send(organizer, vote, two).status_code == 303
    assert "Đỗ Văn Mười" in said(organizer.get(at(vote)))
    acts = [act for act, _, _ in written(site)]
    assert acts.count("refused") >= 5


def test_signed_minutes_that_somebody_changed_on_the_disk_are_not_handed_out(
    vote: Counted, readers: Mapping[str, Browser]
) -> None:
    organizer, path = readers["organizer"], vote.bundle.with_suffix(".signed.pdf")
    path.unlink(missing_ok=True)
    one = signed(taken(organizer, vote), an_authority().person("Ngô Thị Chín"), "Chair")
    assert send(organizer, vote, one).status_code == 303
    path.write_bytes(one + b"%")
    assert organizer.post(at(vote, "papers/minutes_signed.pdf"), at=at(vote)).status_code == 422
    assert "have been changed and are not handed out" in said(organizer.get(at(vote)))
    assert send(organizer, vote, one).status_code == 303
    assert taken(organizer, vote) == one
