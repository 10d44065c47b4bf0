"""The page of the board: what was sealed is shown to everybody, the bundle to those whom the definition lets
have it, a total to nobody.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import Services, create_public_app
from surveys.instance.board_service import InstanceBoards
from surveys.names import RoundId
from surveys.protocol import merkle
from surveys.protocol.codes import write_code
from surveys.protocol.manifest import decode_manifest
from surveys.results.boards import STRETCH, SealedBoard, pages_of, stretches_of
from surveys.results.errors import BoardElsewhere, NoBoardYet
from surveys.results.pages.public_board import BoardPage, board_page
from surveys.rounds.errors import NoSuchRound
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import publishing
from surveys.web.clients import built_clients
from tests.counted import VOTED, Counted, counted_vote
from tests.published import MARKUP, SURVEY, a_second_definition, add_round, published_round
from tests.web.links import followed, links_of
from tests.web.markup import faults

BOARD = f"/rounds/{VOTED.hex()}/board"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    made = counted_vote(tmp_path_factory.mktemp("counted") / "instance")
    yield made
    made.stores.close()


@pytest.fixture(scope="module")
def site(counted: Counted) -> Flask:
    return create_public_app(Services(counted.settings, counted.stores))


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture(scope="module")
def board(counted: Counted) -> SealedBoard:
    return InstanceBoards(counted.stores, counted.settings.bundles).open(counted.round_id)


def member(counted: Counted, name: str) -> bytes:
    with zipfile.ZipFile(counted.bundle) as archive:
        return archive.read(name)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("rest", ["", "?q=0", "?page=9", f"/{write_code(bytes(10))}", "/7"])
def test_every_page_is_sound_html(client: FlaskClient, rest: str, language: str) -> None:
    assert faults(client.get(f"/{language}{BOARD}{rest}").text) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_verifiers_page_is_sound_html(client: FlaskClient, language: str) -> None:
    assert faults(client.get(f"/{language}/rounds/{VOTED.hex()}/verify").text) == []


def test_manifest_and_checkpoint_are_those_of_the_bundle(client: FlaskClient, counted: Counted) -> None:
    manifest = client.get(f"/en/rounds/{counted.round_id}/manifest.json")
    checkpoint = client.get(f"/en/rounds/{counted.round_id}/checkpoint.txt")
    assert manifest.data == member(counted, "manifest.json")
    assert checkpoint.data == member(counted, "checkpoint.txt")
    assert f"manifest-{counted.round_id}.json" in manifest.headers["Content-Disposition"]
    page = client.get(f"/en{BOARD}").text
    assert decode_manifest(manifest.data).hash.hex() in page
    assert checkpoint.text.splitlines()[1] == "18"


def test_the_page_says_who_cosigned_and_names_stay_text(client: FlaskClient) -> None:
    page = client.get(f"/vi{BOARD}").text
    assert MARKUP not in page
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Tú&#39;"
    assert f"{escaped} đã tự tính lại mã bảng phiếu và cùng ký." in page
    assert "Ba đã tự tính lại" in page
    assert "Hai đã tự tính lại" in page  # all three agreed on the board; two of them opened it


CODE = "[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}"


def test_all_codes_are_there_in_the_order_of_the_board(client: FlaskClient, board: SealedBoard) -> None:
    page = client.get(f"/en{BOARD}").text
    assert re.findall(f"<span>({CODE})</span>", page) == list(board.codes)
    assert list(board.codes) == sorted(board.codes)


def test_no_code_and_no_place_stands_in_an_address_or_a_form(client: FlaskClient, board: SealedBoard) -> None:
    page = client.get(f"/en{BOARD}").text
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', page)
    assert any(BOARD in address for address in addresses)
    written = [each for code in board.codes for each in (code, code.replace("-", ""))]
    assert not any(each.lower() in address.lower() for address in addresses for each in written)
    assert 'role="search"' not in page
    assert 'type="search"' not in page
    assert 'name="q"' not in page


def test_the_server_answers_to_no_code(client: FlaskClient, board: SealedBoard) -> None:
    """An address of an older version: nothing is searched for, nothing is shown alone."""
    whole = client.get(f"/en{BOARD}").text
    asked = client.get(f"/en{BOARD}", query_string={"q": board.codes[5]}).text
    shown = f"<span>({CODE})</span>"
    assert re.findall(shown, asked) == re.findall(shown, whole) == list(board.codes)
    for place in (board.codes[5], "6"):
        assert client.get(f"/en{BOARD}/{place}").status_code == 404


@pytest.mark.parametrize("rest", ["/", "/help", "/rounds/none", "/rounds/none/board"])
def test_no_link_repeats_a_code_that_a_visitor_brought(
    client: FlaskClient, board: SealedBoard, rest: str
) -> None:
    """Whoever followed it would write the code into one log more, and a page that was saved would hold it."""
    code = board.codes[5]
    above = BOARD.removesuffix("/board")
    for address in (BOARD, f"{BOARD}/{code}", above, rest, f"{rest.rstrip('/')}/{code}/of"):
        for question in ({"q2": code}, {code: "1"}, {"page": code}, {"page": "1", "code": code}):
            page = client.get(f"/en{address}", query_string=question).text
            links = re.findall(r'href="([^"]*)" hreflang', page)
            assert links, address
            assert not any(code in link for link in links), (address, question)
    paged = client.get(f"/en{BOARD}", query_string={"q": code, "page": "1"}).text
    assert re.findall(r'href="([^"]*)" hreflang', paged) == [f"/vi{BOARD}?page=1"]


def large(board: SealedBoard, ballots: int) -> SealedBoard:
    """The board with so many ballots that nobody cast."""
    digests = sorted(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(ballots))
    leaves = tuple(merkle.leaf_hash(each) for each in digests)
    root = merkle.root_of_hashes(leaves)
    return replace(board, leaves=leaves, codes=tuple(write_code(each[:10]) for each in digests), root=root)


def test_a_large_board_is_shown_in_pages(board: SealedBoard) -> None:
    many = large(board, 4792)
    first, last, beyond = (board_page(many, page) for page in (1, 5, 1000))
    assert (first.pages, len(first.stretches[0].codes), first.stretches[0].first) == (5, STRETCH, 1)
    assert last.stretches[-1].first + len(last.stretches[-1].codes) - 1 == 4792
    assert beyond.stretches == last.stretches
    shown = [code for n in range(1, 6) for each in board_page(many, n).stretches for code in each.codes]
    assert shown == list(many.codes)
    assert first.openings == tuple(board_page(many, n).stretches[0].codes[0][:4] for n in range(1, 6))


@pytest.mark.parametrize("size", [1, 18, 600, 1024, 1025, 1535, 1536, 2049, 4000])
def test_no_page_shows_few_of_many(board: SealedBoard, size: int) -> None:
    """About a thousand or all: a page with few codes would tell which ballot its visitor looks for."""
    many = large(board, size)
    pages = [board_page(many, n) for n in range(1, pages_of(many) + 1)]
    lengths = [sum(len(each.codes) for each in page.stretches) for page in pages]
    assert sum(lengths) == size
    assert all(length >= min(size, STRETCH // 2) for length in lengths)
    assert {len(page.openings) for page in pages} == {len(pages)}


@pytest.mark.parametrize("size", [1, 2, 18, 1024, 1025, 1600, 3000, 5121])
def test_the_steps_of_every_page_lead_to_the_root(board: SealedBoard, size: int) -> None:
    some = board if size == 18 else large(board, size)
    for page in range(1, pages_of(some) + 1):
        for each in stretches_of(some, page):
            assert merkle.root_of_hashes(each.leaves) == each.head
            assert (each.steps[-1].head if each.steps else each.head) == some.root


@pytest.mark.parametrize("size", [18, 1600])
def test_another_ballot_in_its_place_ends_at_another_root(board: SealedBoard, size: int) -> None:
    """The twin: steps that led to the root whatever the ballot would prove nothing."""
    some = board if size == 18 else large(board, size)
    altered = replace(some, leaves=(merkle.leaf_hash(b"another"), *some.leaves[1:]))
    first = stretches_of(altered, 1)[0]
    assert (first.steps[-1].head if first.steps else first.head) != some.root


def test_the_page_shows_hashes_steps_and_the_way_to_the_look_up(counted: Counted, board: SealedBoard) -> None:
    many = large(board, 1600)

    class Large:
        def open(self, round_id: RoundId) -> SealedBoard:
            return many

    services = Services(counted.settings, counted.stores)
    client = create_public_app(services, boards=Large()).test_client()
    for number in (1, 2):
        page = client.get(f"/en{BOARD}?page={number}").text
        assert faults(page) == []
        (stretch,) = stretches_of(many, number)
        steps = [found for step in stretch.steps for found in (step.neighbour, step.head)]
        for shown in (*stretch.leaves, stretch.head, *steps, many.root):
            assert shown.hex() in page
        assert f'href="/b/{VOTED.hex()}/"' in page
        assert f"{many.codes[1024][:4]}…</a>" in page
        assert f'href="/en{BOARD}?page=2#codes"' in page


def test_no_total_can_reach_the_page(client: FlaskClient, counted: Counted) -> None:
    """Neither what the page is given, nor what it shows, holds a count of marks."""
    given = {field.name for kind in (SealedBoard, BoardPage) for field in dataclasses.fields(kind)}
    assert given & {"results", "counts", "tally", "levels", "sums", "outcome", "figures"} == set()
    results = json.loads(member(counted, "results.json"))
    rule: Any = counted.manifest.definition.rule
    words = {level["vi"] for level in rule["levels"]}
    page = client.get(f"/vi{BOARD}").text
    shown = re.sub(r"<(?!dd)[^>]*>|<code.*?</code>|<pre.*?</pre>", "", page, flags=re.DOTALL)
    assert not any(f">{word}<" in page for word in words)
    assert not any(
        str(percent) in shown for c in results["contests"] for percent in (c["percent"] or {}).values()
    )


def test_the_bundle_is_handed_out_piece_by_piece_under_its_name(
    client: FlaskClient, counted: Counted
) -> None:
    page = client.get(f"/en{BOARD}").text
    answer = client.get(f"/en/rounds/{counted.round_id}/bundle.zip")
    assert answer.status_code == 200
    assert answer.is_streamed
    assert answer.headers["Content-Length"] == str(counted.bundle.stat().st_size)
    assert f"bundle-{counted.round_id}.zip" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/zip"
    assert hashlib.sha256(answer.data).hexdigest() in page
    answer.close()
    part = client.get(
        f"/en/rounds/{counted.round_id}/bundle.zip", headers={"Range": "bytes=0-3"}, buffered=True
    )
    assert (part.status_code, part.data) == (206, b"PK\x03\x04")


def test_the_verifiers_page_knows_the_bundle_and_its_hash(client: FlaskClient, counted: Counted) -> None:
    page = client.get(f"/vi/rounds/{counted.round_id}/verify").text
    assert f'data-bundle="/vi/rounds/{counted.round_id}/bundle.zip"' in page
    assert f'data-sha256="{hashlib.sha256(counted.bundle.read_bytes()).hexdigest()}"' in page
    assert MARKUP not in page
    assert 'data-bundle=""' in client.get("/vi/verify").text


def test_rounds_and_results_lead_to_the_board(client: FlaskClient) -> None:
    assert f'href="/en{BOARD}"' in client.get("/en/").text
    assert 'href="/en/verify"' in client.get("/en/").text
    assert f'href="/en{BOARD}"' in client.get(f"/en/rounds/{VOTED.hex()}").text


def test_the_clock_reads_a_board_before_anybody_asks_for_it(counted: Counted) -> None:
    boards = InstanceBoards(counted.stores, counted.settings.bundles)
    boards.look()
    boards.look()
    assert (boards._kept.cache_info().misses, boards._kept.cache_info().hits) == (1, 0)
    boards.open(counted.round_id)
    assert boards._kept.cache_info().hits == 1


@pytest.mark.parametrize(
    "rest", ["board", "manifest.json", "checkpoint.txt", "bundle.zip", "verify", "board/x"]
)
def test_looking_changes_no_byte_of_any_store(client: FlaskClient, counted: Counted, rest: str) -> None:
    def all_bytes() -> dict[str, str]:
        files = [path for path in counted.settings.instance.rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = all_bytes()
    client.get(f"/en/rounds/{counted.round_id}/{rest}", buffered=True)
    assert all_bytes() == before


def test_before_sealing_and_elsewhere_there_is_no_board(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    running = RoundId("77" * 16)
    add_round(stores, a_second_definition(running, "Running"), upto=State.CLOSING)
    boards = InstanceBoards(stores, tmp_path)
    with pytest.raises(NoBoardYet):
        boards.open(running)
    with pytest.raises(NoSuchRound):
        boards.open(RoundId("88" * 16))
    with pytest.raises(BoardElsewhere):
        boards.open(SURVEY)  # it was published, and its box is not here
    assert not stores.engines.box_path(SURVEY).exists()
    client = create_public_app(Services(Settings(), stores)).test_client()
    assert client.get(f"/en/rounds/{running}/board").status_code == 404
    assert f"/rounds/{running}/board" not in client.get("/en/").text
    stores.close()


def test_a_round_that_is_not_public_shows_its_board_and_keeps_its_bundle(tmp_path: Path) -> None:
    """Counted, then published, and open only to heads."""
    made = counted_vote(tmp_path / "instance", "heads", published=False)
    client = create_public_app(Services(made.settings, made.stores)).test_client()
    before = client.get(f"/en{BOARD}")
    assert before.status_code == 200
    assert "There is no bundle before the count is certified and published." in before.text
    assert "Signed by the box." in before.text
    assert "Cosigned by" not in before.text
    publishing.publish(made.stores, made.manifest, member(made, "results.json"), made.bundle)
    after = client.get(f"/en{BOARD}")
    assert "Cosigned by Ba" in after.text
    assert "the heads of the units, and the authority above." in after.text
    assert hashlib.sha256(made.bundle.read_bytes()).hexdigest() not in after.text
    refused = client.get(f"/en/rounds/{made.round_id}/bundle.zip")
    assert refused.status_code == 403
    assert "is not for everybody" in refused.text
    assert 'data-bundle=""' in client.get(f"/en/rounds/{made.round_id}/verify").text
    # The twin: the same file, where the definition says public, is handed out.
    opened = InstanceBoards(made.stores, made.settings.bundles).open(made.round_id)
    assert opened.bundle is None
    made.stores.close()


def test_the_verifiers_scripts_are_not_among_the_clients_of_a_manifest() -> None:
    built = built_clients()
    judging = {"audit", "audit-worker", "receipt"}
    assert judging <= set(built.hashes)
    assert {name for name, _ in built.named} == set(built.hashes) - judging


def test_every_link_of_the_public_pages_leads_somewhere(site: Flask, client: FlaskClient) -> None:
    """The booth (/b/) and the staff's door (/s/) are applications of their own."""
    adapter = site.url_map.bind("localhost")

    def kind(address: str) -> tuple[str, str]:
        endpoint, values = adapter.match(urlsplit(address).path)
        return endpoint, str(values.get("language"))

    def look(_: str, address: str) -> list[str]:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            found = links_of(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else []
        return [link for link in found if link.startswith("/") and not link.startswith(("/b/", "/s/"))]

    assert len(followed(("/vi/", "/en/"), kind, look)) > 12
