"""From an organisation to slips in hand, printed or by e-mail, on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveys.accounts.staff_log import StaffLog
from surveys.cli import main
from surveys.instants import read_instant
from surveys.letters import mailings as letters
from surveys.letters.delivery import delivery
from surveys.letters.errors import NoSuchLetter
from surveys.letters.letter import Letter
from surveys.names import PersonCode, RoundId
from surveys.organisation.register import import_organisation
from surveys.protocol.codes import read_code, short_code
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll.errors import RollFrozen
from surveys.roll.listing import Entry, read_roll
from surveys.roll.slip_sheets import NO_CONTACT
from surveys.roll.slips import make_slips
from surveys.rounds import drafts, ledger
from surveys.rounds.errors import NoSuchDraft
from surveys.stages import preparing
from surveys.stages.errors import SlipsDoNotFit
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store, Stores
from surveys.web.clients import built_clients
from tests.journeys.polls import SURVEY, open_polls
from tests.mail.letters import ORIGINAL, POSTFIX
from tests.mail.server import PostOffice, serving
from tests.organisations import a_bloc, some_terms

ADDRESS = ("--address", "https://vote.example")
TERMS = [
    "prepare",
    *("--year", "2026", "--title-vi", "Lấy phiếu <2026>", "--title-en", "Confidence vote 2026"),
    *("--opens", "2026-12-01 08:00", "--closes", "2026-12-02 17:30"),
    *("--trustee", "Một", "--trustee", "Hai", "--trustee", "Ba"),
    *ADDRESS,
]


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An instance with a small organisation whose people have addresses."""
    folder = tmp_path / "instance"
    stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    organisation = a_bloc()
    import_organisation(stores.app, organisation, confirmed=False)
    stores.close()
    return folder


def run(instance: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, [*arguments, "--instance", str(instance)])


def opened(instance: Path) -> Stores:
    return Stores(Engines(instance / "stores"), Keyring.load(instance / "keyring.json"))


def prepared(instance: Path, tmp_path: Path) -> tuple[RoundId, str]:
    """Survey id and sheets."""
    out = tmp_path / "slips.html"
    done = run(instance, *TERMS, "--out", str(out))
    assert done.exit_code == 0, done.output
    (round_id,) = re.findall(r"Round ([0-9a-f]{32}) is frozen: 18 voters, 4 leaders", done.output)
    assert out.stat().st_mode & 0o777 == 0o600
    return round_id, out.read_text("utf-8")


def test_every_voter_has_a_printed_slip_whose_key_is_on_the_frozen_roll(
    instance: Path, tmp_path: Path
) -> None:
    round_id, html = prepared(instance, tmp_path)
    codes = re.findall(r'class="code">([^<]+)<', html)
    stores = opened(instance)
    keys = {key for panel in read_roll(stores.engines.roll(round_id)).panels for key in panel}
    assert {slip_key(read_code(code), bytes.fromhex(round_id)).public for code in codes} == keys
    assert len(codes) == len(keys) == 18
    definition = ledger.find(stores.app, round_id).definition
    assert (definition.opens, definition.closes) == (
        read_instant("2026-12-01T01:00:00Z"),
        read_instant("2026-12-02T10:30:00Z"),
    )
    assert (definition.slips, dict(definition.clients)) == ("printed", dict(built_clients().named))
    assert built_clients().hashes["booth"][:16] in html
    assert "Lấy phiếu &lt;2026&gt;" in html
    assert f"vote.example/b/{short_code(bytes.fromhex(round_id))}" in html
    # Nothing of a code is in what the server keeps.
    everything = b"".join(path.read_bytes() for path in (instance / "stores").iterdir())
    assert not [code for code in codes if code.encode() in everything or read_code(code) in everything]
    assert not list(tmp_path.glob("tmp*"))
    with pytest.raises(NoSuchDraft):
        drafts.load_draft(stores.app, round_id)
    stores.close()


def test_slips_name_who_helps_by_the_setting_or_by_the_command(instance: Path, tmp_path: Path) -> None:
    set_ = {"TIN_NHIEM_CONTACT": "chị Lan, 0912 345 678"}
    shown = []
    for number, (words, environment) in enumerate(
        (([], {}), ([], set_), (["--contact", "anh Tú <máy 12>"], set_))
    ):
        out = tmp_path / f"{number}.html"
        done = run(instance, *TERMS, *words, "--out", str(out), **environment)
        assert done.exit_code == 0, done.output
        shown.append(set(re.findall("Cần giúp / help: (.*?)</p>", out.read_text("utf-8"))))
    assert shown == [{NO_CONTACT}, {"chị Lan, 0912 345 678"}, {"anh Tú &lt;máy 12&gt;"}]
    (round_id,) = re.findall(r"Round ([0-9a-f]{32}) is frozen", done.output)
    lost = tmp_path / "lost.html"
    done = run(instance, "slips", "replace", round_id, "A1-02", "--out", str(lost), *ADDRESS, **set_)
    assert done.exit_code == 0, done.output
    assert "chị Lan, 0912 345 678" in lost.read_text("utf-8")
    long = run(instance, *TERMS, "--contact", "a" * 61, "--out", str(tmp_path / "long.html"))
    assert (long.exit_code, "at most 60 characters" in long.output) == (2, True)
    assert not (tmp_path / "long.html").exists()


def test_freezing_again_with_other_slips_is_refused_and_with_the_same_goes_on(
    instance: Path, tmp_path: Path
) -> None:
    round_id, _ = prepared(instance, tmp_path)
    stores = opened(instance)
    terms = some_terms(bytes.fromhex(round_id), clients=built_clients().named)
    drafts.save_draft(stores.app, terms)
    here = preparing.prepared(stores, round_id)
    slips = make_slips(terms.survey, [each.voter for each in here.invited])
    with pytest.raises(RollFrozen):
        preparing.freeze_round(stores, round_id, [slip.entry for slip in slips], 1)
    with pytest.raises(SlipsDoNotFit, match="1 voters have none"):
        preparing.freeze_round(stores, round_id, [slip.entry for slip in slips[1:]], 1)
    twice = [*(slip.entry for slip in slips), Entry(slips[0].voter, bytes(32))]
    with pytest.raises(SlipsDoNotFit, match="a voter has two"):
        preparing.freeze_round(stores, round_id, twice, 1)
    stores.close()


def test_a_draft_is_read_back_as_it_was_kept(instance: Path, tmp_path: Path) -> None:
    round_id, _ = prepared(instance, tmp_path)
    stores = opened(instance)
    terms = some_terms(bytes.fromhex(round_id), clients=built_clients().named)
    drafts.save_draft(stores.app, terms)
    assert drafts.load_draft(stores.app, round_id) == terms
    assert drafts.rounds_in_preparation(stores.engines.app) == (round_id,)
    stores.close()


def mail_settings(office: PostOffice) -> dict[str, str]:
    return {
        "TIN_NHIEM_SMTP_HOST": "127.0.0.1",
        "TIN_NHIEM_SMTP_PORT": str(office.port),
        "TIN_NHIEM_SMTP_SECURITY": "plain",
        "TIN_NHIEM_SMTP_SENDER": "bophieu@tinh.example.vn",
    }


def with_addresses(instance: Path) -> None:
    from dataclasses import replace

    stores = opened(instance)
    bloc = a_bloc()
    people = tuple(replace(person, email=f"{person.code.lower()}@example.vn") for person in bloc.people)
    import_organisation(stores.app, replace(bloc, people=people), confirmed=True)
    stores.close()


def test_slips_by_mail_need_an_address_each(instance: Path) -> None:
    done = run(instance, *TERMS, "--mailed")
    assert done.exit_code == 1
    assert "18 voters have no e-mail address" in done.output


def test_slips_go_by_mail_are_sent_again_and_forgotten_at_the_close(instance: Path, tmp_path: Path) -> None:
    with_addresses(instance)
    done = run(instance, *TERMS, "--mailed")
    assert done.exit_code == 0, done.output
    (round_id,) = re.findall(r"Round ([0-9a-f]{32})", done.output)
    stores = opened(instance)
    assert ledger.find(stores.app, round_id).definition.slips == "mailed"
    office = PostOffice(answers={"a1-02@example.vn": "550 5.1.1 no such user"}, drop_after=7)
    with serving(office):
        said = run(
            instance, "slips", "mail", round_id, "--address", "https://vote.example", **mail_settings(office)
        )
        assert "Sent: 17; refused: 1; came back: 0; waiting: 0." in said.output, said.output
        assert "no such user" in said.output
        again = run(instance, "slips", "mail", round_id, "--address", "https://x", **mail_settings(office))
        assert "Sent: 17; refused: 1" in again.output
        assert len(office.taken) == 17
        codes = {}
        for taken in office.taken:
            (code,) = set(re.findall(rb"#((?:\w{4}-){3}\w{5})", taken.raw.replace(b"=\r\n", b"")))
            codes[taken.recipient] = code.decode()
        keys = {key for panel in read_roll(stores.engines.roll(round_id)).panels for key in panel}
        assert {slip_key(read_code(code), bytes.fromhex(round_id)).public for code in codes.values()} < keys
        assert len(set(codes.values())) == 17
        office.answers.clear()
        assert "Waiting again: 1." in run(instance, "slips", "resend", round_id, "--all-undelivered").output
        said = run(
            instance, "slips", "mail", round_id, "--address", "https://vote.example", **mail_settings(office)
        )
        assert "Sent: 18; refused: 0" in said.output
        assert run(instance, "slips", "resend", round_id, "nobody").exit_code == 1
    first = office.taken[0].raw
    (original,) = re.findall(rb"Message-ID: (<[^>]+>)", first)
    box = tmp_path / "back.eml"
    box.write_bytes(POSTFIX.replace(ORIGINAL, original.decode()).encode())
    said = run(instance, "slips", "bounces", round_id, str(box))
    assert "Came back: 1 letters of this round" in said.output, said.output
    assert delivery(stores.engines.app, round_id).bounced == 1
    letters.reseal_letters(Store(stores.engines.app, stores.keyring.with_new_key()))
    letters.forget(stores.engines.app, round_id)
    with pytest.raises(NoSuchLetter):
        letters.of_voter(stores.app, round_id, PersonCode("A1-02"))
    stores.close()


def test_codes_that_went_by_mail_are_gone_when_the_polls_close(tmp_path: Path) -> None:
    with open_polls(tmp_path, voters=4) as polls:
        round_id = RoundId(SURVEY.hex())
        letter = Letter("ab" * 32, PersonCode("v001"), "A", "H", "a@example.vn", "0000")
        letters.write_letters(polls.stores.app, round_id, [letter])
        assert delivery(polls.stores.engines.app, round_id).waiting == 1
        polls.shut()
        assert letters.everything(polls.stores.app, round_id) == ()
        assert (
            delivery(polls.stores.engines.app, round_id).waiting == 1
        )  # that it was never sent is known for ever


def test_a_lost_slip_is_replaced_on_the_command_line(instance: Path, tmp_path: Path) -> None:
    round_id, _ = prepared(instance, tmp_path)
    out = tmp_path / "new.html"
    rest = ["--out", str(out), "--address", "https://vote.example"]
    done = run(instance, "slips", "replace", round_id, "A1-02", *rest)
    assert done.exit_code == 0, done.output
    (code,) = re.findall(r'class="code">([^<]+)<', out.read_text("utf-8"))
    stores = opened(instance)
    (replaced,) = read_roll(stores.engines.roll(round_id)).replaced
    entries = StaffLog(stores.app, lambda: datetime.now(UTC)).entries()
    stores.close()
    # The log says that it was done, and not for whom.
    assert [each.act for each in sorted(entries, key=lambda each: each.number)][-2:] == [
        "round.frozen",
        "round.slip",
    ]
    assert "A1-02" not in repr(entries)
    assert replaced.new == slip_key(read_code(code), bytes.fromhex(round_id)).public
    slips = out.read_bytes()
    for voter in ("A1-02", "nobody"):  # what a file holds may be the only copy of somebody's slips
        assert run(instance, "slips", "replace", round_id, voter, *rest).exit_code == 2
        assert out.read_bytes() == slips
    assert run(instance, *TERMS, "--out", str(out)).exit_code == 2
    assert out.read_bytes() == slips
    out.unlink()
    done = run(instance, "slips", "replace", round_id, "nobody", *rest)
    assert (done.exit_code, out.exists()) == (1, False)


def test_a_letter_with_a_dead_code_is_not_sent(instance: Path, tmp_path: Path) -> None:
    with_addresses(instance)
    done = run(instance, *TERMS, "--mailed")
    (round_id,) = re.findall(r"Round ([0-9a-f]{32})", done.output)
    rest = ["--out", str(tmp_path / "new.html"), "--address", "https://vote.example"]
    assert run(instance, "slips", "replace", round_id, "A1-02", *rest).exit_code == 0
    stores = opened(instance)
    assert delivery(stores.engines.app, round_id).waiting == 17
    with pytest.raises(NoSuchLetter):
        letters.of_voter(stores.app, round_id, PersonCode("A1-02"))
    stores.close()


def test_a_wrong_call_is_said_in_a_sentence(instance: Path, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "s.html")]
    for wrong, said in (
        ([*TERMS, *out, "--zone", "Asia/Nowhere"], "there is no time zone"),
        ([*TERMS, *out, "--opens", "tomorrow"], "is not a date and time"),
        ([*TERMS], "one of --mailed, --in-browser, or --out"),
        ([*TERMS, *out, "--threshold", "3"], "must be below their number"),
        (["slips", "mail", "ab" * 16, "--address", "https://x"], "no mail server is set"),
    ):
        done = run(instance, *wrong)
        assert done.exit_code == 2
        assert said in done.output


def test_the_hash_of_the_client_is_recomputed_and_compared(instance: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["client-hash"])
    assert said.exit_code == 0
    for name, digest in built_clients().named:
        assert f"{digest.hex()}  {name}" in said.output
    other = tmp_path / "build"
    other.mkdir()
    assert CliRunner().invoke(main, ["client-hash", "--folder", str(other)]).exit_code == 1


def test_the_look_up_time_is_frozen_and_none_at_all_is_warned_of(instance: Path, tmp_path: Path) -> None:
    warning = "Warning: there is no look-up time"
    for i, (words, minutes) in enumerate((((), 30), (("--look-up", "0"), 0), (("--look-up", "90"), 90))):
        done = run(instance, *TERMS, *words, "--out", str(tmp_path / f"slips-{i}.html"))
        assert done.exit_code == 0, done.output
        (round_id,) = re.findall(r"Round ([0-9a-f]{32}) is frozen", done.output)
        stores = opened(instance)
        assert ledger.find(stores.app, RoundId(round_id)).definition.look_up == minutes
        stores.close()
        assert (warning in done.output) is (minutes == 0)
    assert run(instance, *TERMS, "--look-up", "10081", "--out", str(tmp_path / "x.html")).exit_code == 2
