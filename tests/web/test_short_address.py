"""The address that a voter types: /b/ and six characters lead to the booth, where one vote alone has them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from surveys.instance.voter_service import by_short_code
from surveys.names import RoundId
from surveys.protocol.codes import ALPHABET, read_short, short_code
from surveys.rounds import ledger
from tests.journeys.polls import SURVEY, Polls, open_polls
from tests.published import a_definition

SHORT = short_code(SURVEY)


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(tmp_path_factory.mktemp("instance"), voters=6) as made:
        yield made


def asked(polls: Polls, way: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(polls.site).netloc, timeout=90)
    connection.request("GET", way)
    answer = connection.getresponse()
    read = answer.read().decode()
    connection.close()
    return answer.status, read


def test_a_short_code_is_the_beginning_of_the_survey_id_as_codes_are_written() -> None:
    assert short_code(bytes(16)) == "000000"
    assert short_code(bytes([0xFF] * 16)) == "ZZZZZZ"
    assert short_code(bytes.fromhex("08") + bytes(15)) == "100000"
    assert read_short("7k3-mqo") == "7K3MQ0"
    assert read_short("7K3MQ") is None
    assert read_short("7K3MQU") is None


@pytest.mark.parametrize("typed", [SHORT, SHORT.lower(), f"{SHORT}/"])
def test_the_typed_address_is_the_booth_s_page(polls: Polls, typed: str) -> None:
    status, page = asked(polls, f"/b/{typed}")
    assert status == 200
    assert page == asked(polls, f"/b/{SURVEY.hex()}/")[1], "it speaks to the same addresses"
    assert f'data-base="/b/{SURVEY.hex()}"' in page


def test_another_short_code_leads_to_the_page_of_lost_addresses(polls: Polls) -> None:
    other = SHORT[:-1] + ALPHABET[ALPHABET.index(SHORT[-1]) ^ 1]
    status, page = asked(polls, f"/b/{other}")
    assert status == 404
    assert page == asked(polls, "/b/nothing")[1]
    assert asked(polls, f"/b/{SHORT}/manifest")[0] == 404, "only the page is typed"


def test_a_code_that_two_votes_have_stands_for_none(tmp_path: Path) -> None:
    with open_polls(tmp_path, voters=6) as polls:
        twin = RoundId((SURVEY[:5] + bytes(11)).hex())
        assert short_code(bytes.fromhex(twin)) == SHORT
        assert by_short_code(polls.stores)(SHORT) == SURVEY.hex()
        ledger.add(polls.stores.app, a_definition(round_id=twin))
        assert by_short_code(polls.stores)(SHORT) == SHORT
