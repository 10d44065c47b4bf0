"""Schemathesis against the interface for programs: what the description promises is what a real token is
answered.

Every check that it knows, in all its phases: made-up addresses and wrong methods, requests without or with a
wrong token, and the real rounds, units and leaders that one answer names for the next request. Over the real
server: its client for WSGI knows fewer checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.engine import Status, events, from_schema
from schemathesis.openapi import from_url
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from surveys.accounts.roles import Role
from tests.programs import Program, api_over, program
from tests.served import served
from tests.staff import everything, over
from tests.three_years import three_years

EXAMPLES = 15


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    stores = three_years(tmp_path_factory.mktemp("instance"))
    site = over(stores)
    yield program(site, api_over(site), site.account("auditor", everything(Role.AUDITOR)))
    stores.close()


@dataclass
class Found:
    """What was asked and answered: statuses by operation, methods, checks; and what was wrong."""

    operations: set[str] = field(default_factory=set)
    answers: Counter[tuple[str | None, int]] = field(default_factory=Counter)
    methods: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def tried(site: Any, secret: str, examples: int) -> Found:
    """Everything that schemathesis does with the site at /api, for so many made-up requests a check."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {"token": {"bearer": secret}}},
            "generation": {"max-examples": examples, "database": "none", "deterministic": True},
        }
    )
    found = Found()
    with served(DispatcherMiddleware(NotFound(), {"/api": site})) as port:
        schema = from_url(f"http://127.0.0.1:{port}/api/v1/openapi.json", config=config)
        described = list(schema.get_all_operations())
        found.operations = {each.ok().label for each in described if isinstance(each, Ok)}
        assert len(found.operations) == len(described)
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError | events.FatalError):
                found.wrong.append(str(event))
            if not isinstance(event, events.ScenarioFinished):
                continue
            for held in event.recorder.interactions.values():
                found.methods.add(held.request.method)
                if held.response is not None:
                    found.answers[event.label, held.response.status_code] += 1
            for each in (check for checks in event.recorder.checks.values() for check in checks):
                found.checked.add(each.name)
                if each.status is not Status.SUCCESS:
                    failure = each.failure_info
                    found.wrong.append(f"{each.name}: {failure.failure if failure else ''}"[:2000])
    return found


def test_every_answer_keeps_what_the_description_promises(mine: Program) -> None:
    found = tried(mine.client.application, mine.secret, EXAMPLES)
    assert found.wrong == []
    # Not only refusals were looked at: each operation has been answered, and refused.
    assert {label for label, status in found.answers if status == 200 and label} == found.operations
    assert {401, 404, 405} <= {status for _, status in found.answers}
    assert {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} <= found.methods
    assert found.checked == {name for name in CHECKS.get_all_names() if name != "max_response_time"}


def test_a_promise_that_is_broken_is_seen(mine: Program) -> None:
    """The same site behind something that changes one word of one answer, and lets one wrong token in."""

    def altered(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        if environ["PATH_INFO"] == "/v1/rounds":
            environ["HTTP_AUTHORIZATION"] = mine.authorization["Authorization"]
        whole: bytes = b"".join(mine.client.application.wsgi_app(environ, start))
        return (
            [whole.replace(b"tin-nhiem/rounds/1", b"tin-nhiem/rounds/2")]
            if environ["PATH_INFO"] == "/v1/rounds"
            else [whole]
        )

    kinds = {each.partition(":")[0] for each in tried(altered, mine.secret, 1).wrong}
    assert {"response_schema_conformance", "ignored_auth"} <= kinds
