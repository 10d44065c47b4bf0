"""The description of the interface for programs (OpenAPI 3.1): every answer and refusal is what it says, and
its examples hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from surveys.accounts.roles import Grant, Role
from surveys.names import PersonCode, UnitCode
from surveys.web.sentences import table
from tests.programs import Program, api_over, program
from tests.staff import StaffSite, over
from tests.three_years import NEWEST, three_years

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("A1-01", "B1-01", "B1-02", "B1-03", "C1-01", "D1-02", "E1-03")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    stores = three_years(tmp_path_factory.mktemp("instance"))
    yield over(stores)
    stores.close()


@pytest.fixture(scope="module")
def app(site: StaffSite) -> Flask:
    return api_over(site)


@pytest.fixture(scope="module")
def auditor(site: StaffSite, app: Flask) -> Program:
    return program(site, app, site.account("auditor", Grant(Role.AUDITOR, UnitCode("K"))))


@pytest.fixture(scope="module")
def described(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = Program(app.test_client()).get("/openapi.json").get_json()
    return found


def schema(described: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({**described, "$ref": f"#/components/schemas/{name}"})


def test_every_refusal_has_its_sentence_and_the_description_knows_it(
    described: dict[str, Any], app: Flask, auditor: Program
) -> None:
    answers = {
        400: auditor.get("/rounds?year=2026"),
        401: Program(app.test_client()).get("/rounds"),
        404: auditor.get(f"/rounds/{'27' * 16}"),
    }
    said = {name.rpartition(".")[2]: sentence for name, sentence in table().items()}
    for status, answer in answers.items():
        body = answer.get_json()
        assert answer.status_code == status == said[body["error"]].status
        assert body["vi"] == said[body["error"]].words["vi"].text
        schema(described, "Refusal").validate(body)
    for response in described["components"]["responses"].values():
        content = response["content"]["application/json"]
        examples = (
            [content["example"]]
            if "example" in content
            else [e["value"] for e in content["examples"].values()]
        )
        for example in examples:
            words = said[example["error"]].words
            assert (example["vi"], example["en"]) == (words["vi"].text, words["en"].text)


def test_the_description_is_one_document_of_openapi_and_its_examples_hold(described: dict[str, Any]) -> None:
    names = [*described["components"]["schemas"]]
    for name in names:
        Draft202012Validator.check_schema(described["components"]["schemas"][name])
    examples = described["components"]["examples"]
    assert set(examples) == {"Rounds", "Round", "Shown", "Focus", "Leader"}
    for name, example in examples.items():
        schema(described, name).validate(example["value"])
    text = json.dumps(described)
    assert [name for name in names if f'"#/components/schemas/{name}"' not in text] == []


def test_the_description_holds_the_export_s_own_schema(described: dict[str, Any]) -> None:
    """docs/shown.schema.json is what the pages' export is held to: with every reference followed, both are
    the same.
    """

    def followed(value: Any, whole: dict[str, Any]) -> Any:
        if isinstance(value, list):
            return [followed(each, whole) for each in value]
        if not isinstance(value, dict):
            return value
        held = {
            key: followed(each, whole) for key, each in value.items() if key not in ("$ref", "description")
        }
        if "$ref" in value:
            at: Any = whole
            for part in value["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            held |= followed(at, whole)
        return held

    document = json.loads((ROOT / "docs/shown.schema.json").read_text("utf-8"))
    head = ("$schema", "$id", "title", "description", "$defs")
    alone = {key: each for key, each in document.items() if key not in head}
    mine = described["components"]["schemas"]["Shown"]
    assert followed(mine, described) == followed(alone, document)
    altered = {**mine, "required": mine["required"][1:]}
    assert followed(altered, described) != followed(alone, document)


def test_every_answer_has_the_form_that_the_description_says(
    described: dict[str, Any], site: StaffSite, app: Flask
) -> None:
    kinds: set[str] = set()
    for role, place, round_id in (
        (Role.LEADER, UnitCode("B"), NEWEST),
        (Role.AUTHORITY, UnitCode("K"), "25" * 16),
        (Role.AUDITOR, UnitCode("K"), NEWEST),
    ):
        owner = site.account(f"{role.value}.forms", Grant(role, place), person=PersonCode("B1-02"))
        mine = program(site, app, owner)
        forms = {
            "/rounds": "Rounds",
            f"/rounds/{round_id}": "Round",
            f"/rounds/{round_id}/units/K": "Shown",
            f"/rounds/{round_id}/units/K/focus": "Focus",
            **{f"/rounds/{round_id}/leaders/{person}": "Leader" for person in PEOPLE},
        }
        for address, form in forms.items():
            answer = mine.get(address)
            if answer.status_code == 200:
                schema(described, form).validate(answer.get_json())
                kinds.add(form)
    assert kinds == {"Rounds", "Round", "Shown", "Focus", "Leader"}
