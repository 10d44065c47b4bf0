"""The staff's pages of an upload: read, shown, confirmed, imported; and what is taken along."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Request
from werkzeug import formparser

from surveys.accounts import keeping as register
from surveys.accounts.roles import Grant, Role
from surveys.names import PersonCode, UnitCode
from surveys.organisation.errors import OrganisationChanged
from surveys.organisation.export import csv_zip, template, workbook
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation
from surveys.organisation.values import Person
from surveys.spreadsheets.files import Sent
from surveys.web.doors import InMemory
from tests.organisation.build import as_xlsx, good, uploaded
from tests.organisation.console import Console, an_organisation, console
from tests.organisations import a_bloc
from tests.staff import said


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    made = console(tmp_path, an_organisation())
    yield made
    made.site.stores.close()


def test_an_upload_is_read_shown_confirmed_and_imported(desk: Console) -> None:
    whole = desk.load()
    people = [replace(each, name="Tên Mới") if each.code == "A1-03" else each for each in whole.people]
    after = replace(whole, people=tuple(people))
    browser, address = desk.browser(UnitCode("K")), "/en/organisation/K/upload"
    assert desk.send(UnitCode("K"), Sent.of("a.xlsx", workbook(after))).headers["Location"] == f"/s{address}"
    assert 'data-job="/s/en/organisation/K/upload/state"' in browser.get(address).get_data(as_text=True)
    assert browser.get(f"{address}/state").get_json()["standing"] == "waiting"
    desk.work(UnitCode("K"))
    page = said(browser.get(address))
    assert "1 record would change." in page
    assert "Name: Người A1 3 → Tên Mới" in page
    shown = desk.shown(UnitCode("K"))
    browser.post(f"{address}/import", {"import": shown, "reason": " "}, at=address)
    assert "a reason is needed" in said(browser.get(address))
    assert desk.load() == whole
    desk.confirm(UnitCode("K"), shown)
    assert desk.entries() == ()
    desk.work(UnitCode("K"))
    assert desk.load() == after
    assert "Imported: 1 record was changed." in said(browser.get(address))
    (entry,) = desk.entries()
    by = desk.account(Role.ORGANIZER, UnitCode("K")).id
    assert (entry.act, entry.actor, entry.unit, entry.reason) == ("organisation.imported", by, None, "QĐ 9")
    assert entry.facts == {"file": "a.xlsx", "added": 0, "changed": 1, "removed": 0}
    assert "QĐ 9" in said(browser.get("/en/organisation/"))


def test_all_errors_stand_in_one_table_with_the_cell_and_nothing_is_imported(
    desk: Console, tmp_path: Path
) -> None:
    sheets = good()
    sheets["people"][1][2] = "Z"
    sheets["grading"][1][2] = "giỏi"
    desk.send(UnitCode("K"), Sent.of("a.xlsx", as_xlsx(tmp_path / "a.xlsx", sheets).read_bytes()))
    desk.work(UnitCode("K"))
    for language, words in (("en", "the file has 2 errors"), ("vi", "tệp có 2 lỗi")):
        page = said(desk.browser(UnitCode("K")).get(f"/{language}/organisation/K/upload"))
        assert words in page
        assert "people C2 unit" in page
        assert "grading C2 grade" in page
    assert desk.load() == an_organisation()


def test_an_upload_for_a_part_changes_nothing_else(desk: Console) -> None:
    whole = desk.load()
    part = subtree(whole, UnitCode("A"))
    new = Person(PersonCode("A1-99"), "Mới", UnitCode("A1"), None, True)
    desk.send(UnitCode("A"), Sent.of("a.xlsx", workbook(replace(part, people=(*part.people, new)))))
    desk.work(UnitCode("A"))
    desk.confirm(UnitCode("A"), desk.shown(UnitCode("A")))
    desk.work(UnitCode("A"))
    assert set(desk.load().people) - set(whole.people) == {new}
    assert desk.entries()[0].unit == "A"
    desk.send(UnitCode("A"), Sent.of("b.xlsx", workbook(replace(whole, gradings=whole.gradings[:1]))))
    desk.work(UnitCode("A"))
    page = said(desk.browser(UnitCode("A")).get("/en/organisation/A/upload"))
    assert "Nothing was imported: the file would change Đảng ủy B, which you do not look after." in page


def test_what_was_sent_while_more_was_looked_after_is_not_imported_any_more(desk: Console) -> None:
    whole = desk.load()
    desk.account(Role.ADMINISTRATOR, UnitCode("*"))
    desk.send(UnitCode("K"), Sent.of("a.xlsx", workbook(replace(whole, gradings=()))))
    desk.work(UnitCode("K"))
    shown, account = desk.shown(UnitCode("K")), desk.account(Role.ORGANIZER, UnitCode("K"))
    register.change_grants(desk.site.stores.app, account.id, {Grant(Role.ORGANIZER, UnitCode("A"))})
    assert desk.browser(UnitCode("K")).get("/en/organisation/K/upload").status_code == 403
    assert desk.confirm(UnitCode("K"), shown, at="A").status_code == 409
    assert desk.load() == whole
    # The twin: with the role over K given back the same import is confirmed.
    register.change_grants(desk.site.stores.app, account.id, account.grants)
    assert desk.confirm(UnitCode("K"), shown).status_code == 303


def test_changed_meanwhile_the_import_is_refused_before_and_in_the_background(desk: Console) -> None:
    whole = desk.load()
    other = replace(whole, history=())
    for confirmed in (False, True):
        desk.send(UnitCode("K"), Sent.of("a.xlsx", workbook(replace(whole, gradings=()))))
        desk.work(UnitCode("K"))
        shown = desk.shown(UnitCode("K"))
        if confirmed:
            assert desk.confirm(UnitCode("K"), shown).status_code == 303
        import_organisation(desk.site.stores.app, other, confirmed=True)
        if confirmed:
            with pytest.raises(OrganisationChanged):
                desk.work(UnitCode("K"))
        else:
            page = said(desk.browser(UnitCode("K")).get("/en/organisation/K/upload"))
            assert "Somebody changed the organisation" in page
            assert desk.confirm(UnitCode("K"), shown).status_code == 409
        assert desk.load() == other
        other, whole = whole, other
    assert [entry.act for entry in desk.entries()] == ["refused", "organisation.imported"]
    page = said(desk.browser(UnitCode("K")).get("/en/organisation/K/upload"))
    assert "Somebody changed the organisation" in page
    assert "Forget this file" in page


def test_an_import_that_was_cut_off_is_written_into_the_log_and_done_once(desk: Console) -> None:
    desk.send(UnitCode("K"), Sent.of("a.xlsx", workbook(replace(desk.load(), gradings=()))))
    desk.work(UnitCode("K"))
    shown = desk.shown(UnitCode("K"))
    desk.confirm(UnitCode("K"), shown)
    desk.work(UnitCode("K"))
    desk.works["organisation-write"](shown, None)  # type: ignore[arg-type]
    assert len(desk.entries()) == 1
    assert desk.load().gradings == ()


def test_no_file_a_wrong_file_and_too_large_a_file_are_told(desk: Console) -> None:
    assert "Choose a file first." in said(desk.send(UnitCode("K")))
    desk.send(UnitCode("K"), Sent.of("a.pdf", b"%PDF"))
    desk.work(UnitCode("K"))
    assert ".csv files are needed" in said(desk.browser(UnitCode("K")).get("/en/organisation/K/upload"))
    assert desk.send(UnitCode("K"), Sent.of("a.xlsx", b"x" * (17 * 2**20))).status_code == 413


def test_a_file_may_be_forgotten(desk: Console) -> None:
    desk.send(UnitCode("K"), Sent.of("a.xlsx", workbook(desk.load())))
    desk.work(UnitCode("K"))
    browser, address = desk.browser(UnitCode("K")), "/en/organisation/K/upload"
    assert "there is nothing to import" in said(browser.get(address))
    browser.post(f"{address}/discard", at=address)
    assert "a.xlsx" not in said(browser.get(address))


def test_the_first_file_is_sent_by_whoever_looks_after_everything(tmp_path: Path) -> None:
    empty = console(tmp_path, None)
    assert "Nothing has been imported yet." in said(empty.browser(UnitCode("*")).get("/en/organisation/"))
    assert "Ask an administrator" in said(empty.browser(UnitCode("A")).get("/en/organisation/"))
    empty.send(UnitCode("*"), Sent.of("a.zip", csv_zip(a_bloc())), at="~2A")
    empty.work(UnitCode("*"))
    empty.confirm(UnitCode("*"), empty.shown(UnitCode("*"), at="~2A"), at="~2A")
    empty.work(UnitCode("*"))
    assert empty.load() == a_bloc()
    empty.site.stores.close()


def test_an_export_sent_back_changes_nothing_and_stands_in_the_log(desk: Console) -> None:
    for unit, form, wanted in (
        (UnitCode("K"), "xlsx", desk.load()),
        (UnitCode("A"), "xlsx", subtree(desk.load(), UnitCode("A"))),
        (UnitCode("A"), "zip", subtree(desk.load(), UnitCode("A"))),
    ):
        answer = desk.browser(unit).post(
            f"/en/organisation/{unit}/export", {"form": form}, at=f"/en/organisation/{unit}/upload"
        )
        assert answer.headers["Content-Disposition"] == f'attachment; filename="organisation.{form}"'
        assert uploaded([Sent.of(f"a.{form}", answer.data)]) == wanted
        desk.send(unit, Sent.of(f"a.{form}", answer.data))
        desk.work(unit)
        assert "there is nothing to import" in said(desk.browser(unit).get(f"/en/organisation/{unit}/upload"))
    acts = [(entry.act, entry.unit, entry.facts["form"]) for entry in desk.entries()]
    assert acts == [
        ("organisation.exported", "A", "zip"),
        ("organisation.exported", "A", "xlsx"),
        ("organisation.exported", None, "xlsx"),
    ]


def test_the_template_comes_in_both_languages(desk: Console) -> None:
    for language in ("vi", "en"):
        answer = desk.browser(UnitCode("A")).get(f"/{language}/organisation/template.xlsx")
        assert answer.data == template(language)


def test_what_a_browser_sends_never_lies_unsealed_on_the_disk(
    desk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def spool(**_: object) -> io.BytesIO:
        made.append(1)
        return io.BytesIO()

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", spool)
    large = Sent.of("a.zip", b"x" * 2**20)
    assert desk.send(UnitCode("K"), large).status_code == 303
    assert made == []
    # The twin: as Flask has it, a large file goes through a temporary one.
    monkeypatch.setattr(InMemory, "_get_file_stream", Request._get_file_stream)
    desk.send(UnitCode("K"), large)
    assert made
