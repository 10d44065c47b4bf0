"""The page of the board: what was sealed is shown to everybody, the bundle to those whom the definition lets have it, a total to nobody."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from surveys.protocol import merkle
from surveys.protocol.codes import write_code
from surveys.protocol.transcript import digest
from surveys.results.boards import SealedBoard, place_of
from surveys.results.errors import BoardElsewhere, NoBoardYet, NotOnBoard
from surveys.results.pages.public_board import CODES_A_PAGE, BoardPage, CodeSearch, board_page
from surveys.rounds.errors import NoSuchRound
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import publishing
from surveys.stages.boards import InstanceBoards
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
    return create_app(counted.settings, counted.stores, counted.keyring)


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture(scope="module")
def board(counted: Counted) -> SealedBoard:
    return InstanceBoards(counted.stores, counted.keyring, counted.settings.bundles).open(counted.survey)


def member(counted: Counted, name: str) -> bytes:
    with zipfile.ZipFile(counted.bundle) as archive:
        return archive.read(name)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("rest", ["", "?q=0", "?page=9", f"/{write_code(bytes(10))}"])
def test_every_page_is_sound_html(client: FlaskClient, rest: str, language: str) -> None:
    assert faults(client.get(f"/{language}{BOARD}{rest}").text) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_of_a_place_and_the_verifiers_page_are_sound_html(
    client: FlaskClient, board: SealedBoard, language: str
) -> None:
    for address in (f"{BOARD}/{board.codes[3]}", f"/rounds/{VOTED.hex()}/verify"):
        assert faults(client.get(f"/{language}{address}").text) == []


def test_manifest_and_checkpoint_are_those_of_the_bundle(client: FlaskClient, counted: Counted) -> None:
    manifest = client.get(f"/en/rounds/{counted.survey}/manifest.json")
    checkpoint = client.get(f"/en/rounds/{counted.survey}/checkpoint.txt")
    assert manifest.data == member(counted, "manifest.json")
    assert checkpoint.data == member(counted, "checkpoint.txt")
    assert f"manifest-{counted.survey}.json" in manifest.headers["Content-Disposition"]
    page = client.get(f"/en{BOARD}").text
    assert digest("manifest", manifest.data).hex() in page
    assert checkpoint.text.splitlines()[1] == "18"


def test_the_page_says_who_cosigned_and_names_stay_text(client: FlaskClient) -> None:
    page = client.get(f"/vi{BOARD}").text
    assert MARKUP not in page
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Tú&#39;"
    assert f"{escaped} đã tự tính lại mã bảng phiếu và cùng ký." in page
    assert "Ba đã tự tính lại" in page
    assert "Hai đã tự tính lại" not in page  # two of three counted


def test_all_codes_are_there_in_the_order_of_the_board(client: FlaskClient, board: SealedBoard) -> None:
    page = client.get(f"/en{BOARD}").text
    assert re.findall(r">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5})</a>", page) == list(board.codes)
    assert list(board.codes) == sorted(board.codes)


def test_a_code_is_found_by_its_beginning_however_it_is_typed(
    client: FlaskClient, board: SealedBoard
) -> None:
    code = board.codes[5]
    for typed in (
        code,
        code.lower(),
        code.replace("-", ""),
        code.replace("0", "o").replace("1", "l"),
        code[:7],
    ):
        page = client.get(f"/en{BOARD}", query_string={"q": typed}).text
        assert f"/board/{code}" in page
        assert page.count("/board/") < 3, typed
    assert "0 codes." in client.get(f"/en{BOARD}?q=UUUU").text
    assert client.get(f"/en{BOARD}?q={'A' * 41}").status_code == 400


def large(board: SealedBoard, ballots: int) -> SealedBoard:
    """The board with so many ballots that nobody cast."""
    digests = sorted(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(ballots))
    leaves = tuple(merkle.leaf_hash(each) for each in digests)
    root = merkle.root_of_hashes(leaves)
    return replace(board, leaves=leaves, codes=tuple(write_code(each[:10]) for each in digests), root=root)


def test_a_large_board_is_shown_in_pages(board: SealedBoard) -> None:
    many = large(board, 4792)
    first, last, beyond = (board_page(many, CodeSearch("", page)) for page in (1, 80, 1000))
    assert (first.pages, len(first.codes), first.codes[0].number) == (80, CODES_A_PAGE, 1)
    assert last.codes[-1].number == 4792
    assert beyond.codes == last.codes
    assert board_page(many, CodeSearch(many.codes[4000], 1)).codes[0].number == 4001


def test_the_steps_of_every_place_lead_to_the_root(board: SealedBoard) -> None:
    for size in [1, 2, 3, 5, 8, 13, 18]:
        some = board if size == 18 else large(board, size)
        for number, code in enumerate(some.codes, 1):
            place = place_of(some, code)
            assert place.number == number
            assert (place.steps[-1].head if place.steps else place.leaf) == some.root


def test_another_ballot_in_its_place_ends_at_another_root(board: SealedBoard) -> None:
    """The twin: steps that led to the root whatever the ballot would prove nothing."""
    altered = replace(board, leaves=(merkle.leaf_hash(b"another"), *board.leaves[1:]))
    assert place_of(altered, board.codes[0]).steps[-1].head != board.root


def test_the_page_of_a_place_shows_the_steps_and_the_way_to_the_look_up(
    client: FlaskClient, board: SealedBoard
) -> None:
    place = place_of(board, board.codes[7])
    page = client.get(f"/en{BOARD}/{board.codes[7]}").text
    for shown in (place.leaf, *(step.neighbour for step in place.steps), board.root):
        assert shown.hex() in page
    assert f'href="/b/{VOTED.hex()}/"' in page


@pytest.mark.parametrize("code", ["0000-0000-0000-00000", "x", "A" * 17, "<script>"])
def test_a_code_that_is_not_on_the_board_is_refused(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/en{BOARD}/{code}")
    assert answer.status_code == 404
    assert "No ballot on the board has this code" in answer.text or "nothing at this address" in answer.text


def test_a_code_with_a_wrong_character_is_not_looked_for(board: SealedBoard) -> None:
    wrong = board.codes[0][:-1] + ("A" if board.codes[0][-1] != "A" else "B")
    with pytest.raises(NotOnBoard):
        place_of(replace(board, codes=(wrong,)), wrong)


def test_no_total_can_reach_the_page(client: FlaskClient, counted: Counted) -> None:
    """Neither what the page is given, nor what it shows, holds a count of marks."""
    given = {field.name for kind in (SealedBoard, BoardPage) for field in dataclasses.fields(kind)}
    assert given & {"results", "counts", "tally", "levels", "sums", "outcome", "figures"} == set()
    results = json.loads(member(counted, "results.json"))
    words = {level["vi"] for level in counted.manifest.definition.rule["levels"]}
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
    answer = client.get(f"/en/rounds/{counted.survey}/bundle.zip")
    assert answer.status_code == 200
    assert answer.is_streamed
    assert answer.headers["Content-Length"] == str(counted.bundle.stat().st_size)
    assert f"bundle-{counted.survey}.zip" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/zip"
    assert hashlib.sha256(answer.data).hexdigest() in page
    answer.close()
    part = client.get(
        f"/en/rounds/{counted.survey}/bundle.zip", headers={"Range": "bytes=0-3"}, buffered=True
    )
    assert (part.status_code, part.data) == (206, b"PK\x03\x04")


def test_the_verifiers_page_knows_the_bundle_and_its_hash(client: FlaskClient, counted: Counted) -> None:
    page = client.get(f"/vi/rounds/{counted.survey}/verify").text
    assert f'data-bundle="/vi/rounds/{counted.survey}/bundle.zip"' in page
    assert f'data-sha256="{hashlib.sha256(counted.bundle.read_bytes()).hexdigest()}"' in page
    assert MARKUP not in page
    assert 'data-bundle=""' in client.get("/vi/verify").text


def test_rounds_and_results_lead_to_the_board(client: FlaskClient) -> None:
    assert f'href="/en{BOARD}"' in client.get("/en/").text
    assert 'href="/en/verify"' in client.get("/en/").text
    assert f'href="/en{BOARD}"' in client.get(f"/en/rounds/{VOTED.hex()}").text


def test_the_clock_reads_a_board_before_anybody_asks_for_it(counted: Counted) -> None:
    boards = InstanceBoards(counted.stores, counted.keyring, counted.settings.bundles)
    boards.look()
    boards.look()
    assert (boards._kept.cache_info().misses, boards._kept.cache_info().hits) == (1, 0)
    boards.open(counted.survey)
    assert boards._kept.cache_info().hits == 1


@pytest.mark.parametrize(
    "rest", ["board", "manifest.json", "checkpoint.txt", "bundle.zip", "verify", "board/x"]
)
def test_looking_changes_no_byte_of_any_store(client: FlaskClient, counted: Counted, rest: str) -> None:
    def all_bytes() -> dict[str, str]:
        files = [path for path in counted.settings.instance.rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = all_bytes()
    client.get(f"/en/rounds/{counted.survey}/{rest}", buffered=True)
    assert all_bytes() == before


def test_before_sealing_and_elsewhere_there_is_no_board(tmp_path: Path) -> None:
    stores, keyring = published_round(tmp_path)
    running = "77" * 16
    add_round(stores, keyring, a_second_definition(running, "Running"), upto=State.CLOSING)
    boards = InstanceBoards(stores, keyring, tmp_path)
    with pytest.raises(NoBoardYet):
        boards.open(running)
    with pytest.raises(NoSuchRound):
        boards.open("88" * 16)
    with pytest.raises(BoardElsewhere):
        boards.open(SURVEY)  # it was published, and its box is not here
    assert not stores.box_path(SURVEY).exists()
    client = create_app(Settings(), stores, keyring).test_client()
    assert client.get(f"/en/rounds/{running}/board").status_code == 404
    assert f"/rounds/{running}/board" not in client.get("/en/").text
    stores.close()


def test_a_round_that_is_not_public_shows_its_board_and_keeps_its_bundle(tmp_path: Path) -> None:
    """Counted, then published, and open only to heads."""
    made = counted_vote(tmp_path / "instance", "heads", published=False)
    client = create_app(made.settings, made.stores, made.keyring).test_client()
    before = client.get(f"/en{BOARD}")
    assert before.status_code == 200
    assert "There is no bundle before the count is certified and published." in before.text
    assert "Signed by the box." in before.text
    assert "Cosigned by" not in before.text
    publishing.publish(made.stores, made.keyring, made.manifest, member(made, "results.json"), made.bundle)
    after = client.get(f"/en{BOARD}")
    assert "Cosigned by Ba" in after.text
    assert "the heads of the units, and the authority above." in after.text
    assert hashlib.sha256(made.bundle.read_bytes()).hexdigest() not in after.text
    refused = client.get(f"/en/rounds/{made.survey}/bundle.zip")
    assert refused.status_code == 403
    assert "is not for everybody" in refused.text
    assert 'data-bundle=""' in client.get(f"/en/rounds/{made.survey}/verify").text
    # The twin: the same file, where the definition says public, is handed out.
    opened = InstanceBoards(made.stores, made.keyring, made.settings.bundles).open(made.survey)
    assert opened.bundle is None
    made.stores.close()


def test_the_verifiers_scripts_are_not_among_the_clients_of_a_manifest() -> None:
    built = built_clients()
    assert {"audit", "audit-worker"} <= set(built.hashes)
    assert {name for name, _ in built.named} == set(built.hashes) - {"audit", "audit-worker"}


def test_every_link_of_the_public_pages_leads_somewhere(site: Flask, client: FlaskClient) -> None:
    """The booth (/b/) is an application of its own."""
    adapter = site.url_map.bind("localhost")

    def kind(address: str) -> tuple[str, str]:
        endpoint, values = adapter.match(urlsplit(address).path)
        return endpoint, str(values.get("language"))

    def look(_: str, address: str) -> list[str]:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            found = links_of(answer.text) if answer.mimetype == "text/html" else []
        return [link for link in found if link.startswith("/") and not link.startswith("/b/")]

    assert len(followed(("/vi/", "/en/"), kind, look)) > 12
