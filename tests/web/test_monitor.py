"""What programs that watch the machine are told: whether it answers, and totals that no voter alone moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client

from app import Services, create_monitor_app, put_together
from surveys.box import models
from surveys.box.board import returned
from surveys.instance.held import open_stores
from surveys.jobs.progress import Silent
from surveys.names import RoundId
from surveys.rehearsal.run import open_vote
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import BadSetting, Settings, read_settings
from surveys.stores.store import Stores
from tests.deployed.kit import make_keys_here
from tests.organisations import one_hall, some_terms

TOKEN = "Z" * 43
SURVEY = bytes([0x3C]) * 16
VOTERS = 20


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"TIN_NHIEM_METRICS_TOKEN": TOKEN, "TIN_NHIEM_INSTANCE": str(tmp_path / "i")})


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    made = open_stores(settings)
    yield made
    made.close()


def monitor(settings: Settings, stores: Stores) -> Client:
    return Client(create_monitor_app(Services(settings, stores)))


def metrics(client: Client) -> str:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("serve", ["voter", "site"])
def test_every_process_says_whether_it_answers(settings: Settings, stores: Stores, serve: str) -> None:
    client = Client(put_together(replace(settings, serve=serve), stores))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert client.post("/healthz").status_code == 405
    assert client.get("/healthz/more").status_code == 404


def test_a_process_whose_store_cannot_be_read_says_so(settings: Settings, stores: Stores) -> None:
    client = monitor(settings, stores)
    (settings.stores / "app.sqlite").write_bytes(b"no database")
    assert client.get("/healthz").status_code == 500


def test_figures_are_for_whoever_has_the_token_and_without_one_for_nobody(
    settings: Settings, stores: Stores
) -> None:
    client = monitor(settings, stores)
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = client.get("/metrics", headers=header)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "tin_nhiem" not in answer.get_data(as_text=True)
    none = monitor(replace(settings, metrics_token=""), stores)
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert none.get("/metrics", headers=header).status_code == 404


@pytest.mark.parametrize("token", ["short", "ü" * 40, "a b" * 20])
def test_a_token_that_could_be_guessed_stops_the_start_and_is_not_shown(token: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({"TIN_NHIEM_METRICS_TOKEN": token})
    assert token not in str(refused.value)


def test_what_is_told_is_what_prometheus_reads(settings: Settings, stores: Stores) -> None:
    text = metrics(monitor(settings, stores))
    named: list[str] = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            named.append(line.split(" ")[2])
            assert line.endswith(" gauge")
        elif not line.startswith("# HELP "):
            found = re.fullmatch(r'([a-z_]+)(?:\{[a-z]+="[\w.+-]+"\})? \d+', line)
            assert found, line
            assert found[1] == named[-1]
    assert len(named) == len(set(named)) == text.count("# HELP ")
    assert 'tin_nhiem_rounds{state="open"} 0\n' in text
    assert "tin_nhiem_background_work 0\n" in text
    stores.engines.serve_alone()
    assert "tin_nhiem_background_work 1\n" in metrics(monitor(settings, stores))


def test_no_single_ballot_moves_a_figure(
    settings: Settings, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One ballot after the other: the figures move in steps of at least k ballots and a tenth of the roll."""
    make_keys_here(monkeypatch)
    organisation, preset = one_hall(VOTERS), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    open_vote(stores, some_terms(SURVEY, preset=preset, k=5), organisation, electorate, [VOTERS], Silent(), 1)
    client, box = monitor(settings, stores), stores.engines.box(RoundId(SURVEY.hex()))
    head, told = models.head, []
    for ballots in range(VOTERS + 1):
        with box.begin() as connection:
            connection.execute(head.update().where(head.c.slot <= ballots).values(used=b"\x01"))
        assert returned(box, 1) == (ballots,)
        # The disk is that of everything else on this machine too.
        told.append(re.sub(r"tin_nhiem_disk_free_percent \d+", "", metrics(client)))
    assert f'tin_nhiem_turnout_percent{{round="{SURVEY.hex()}"}} 25\n' in told[9]
    moved = [ballots for ballots in range(1, VOTERS + 1) if told[ballots] != told[ballots - 1]]
    assert moved == [5, 10, 15, 20]


def test_the_monitor_has_two_addresses_and_can_set_no_cookie(settings: Settings, stores: Stores) -> None:
    app = create_monitor_app(Services(settings, stores))
    assert {str(rule) for rule in app.url_map.iter_rules()} == {"/healthz", "/metrics"}
    assert app.secret_key is None
