"""`surveys setup`, `check` and `serve`: a real installation is led through its first start, told what is
unsafe, and never made a demo.
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveys.accounts import keeping as register
from surveys.accounts.roles import Role
from surveys.cli import main
from surveys.instance import checking
from surveys.instance.checking import Standing, look
from surveys.instance.held import open_stores
from surveys.rounds import ledger
from surveys.settings import BadSetting, MailSettings, Security, Settings, read_settings, write_settings_file
from surveys.stores.origin import claim_for_demonstration

ANSWERS = "\n".join(
    [
        "https://vote.example.org",
        "",  # the usual time zone
        "",  # the usual letterhead
        "mail.example.org",
        "tls",
        "vote@example.org",
        "",  # nobody signs in at the mail server
        "{keyring}",
        "{backups}",
        "admin@example.org",
        "Quản trị",
        "",
    ]
)


def surveys(
    *call: str, instance: Path, typed: str | None = None, served: list[Settings] | None = None
) -> Result:
    def serve(settings: Settings, *_: object) -> None:
        assert served is not None
        served.append(settings)

    return CliRunner().invoke(main, [*call, "--instance", str(instance)], input=typed, obj=serve)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "i"


def set_up(instance: Path) -> Result:
    backups = instance.parent / "backups"
    backups.mkdir()
    typed = ANSWERS.format(keyring=instance.parent / "keys" / "ring.json", backups=backups)
    return surveys("setup", instance=instance, typed=typed)


def test_setting_up_asks_for_all_it_needs_and_invites_the_first_administrator(instance: Path) -> None:
    done = set_up(instance)
    assert done.exit_code == 0, done.output
    settings = read_settings({}, instance)
    assert settings.address == "https://vote.example.org"
    assert (settings.https, settings.proxies, settings.hosts[0]) == (True, 1, "vote.example.org")
    assert settings.mail == MailSettings("mail.example.org", 465, Security.TLS, "vote@example.org")
    assert settings.keyring == instance.parent / "keys" / "ring.json"
    assert settings.keyring.exists()
    assert stat.S_IMODE((instance / "settings.env").stat().st_mode) == 0o600
    assert "https://vote.example.org/s/vi/invitation/" in done.output
    stores = open_stores(settings)
    (first,) = register.all_staff(stores.app)
    assert [grant.role for grant in first.grants] == [Role.ADMINISTRATOR]
    stores.close()


def test_an_answer_that_means_nothing_is_asked_for_again(instance: Path) -> None:
    typed = "ftp://vote\n\n\n\n\n\nhttps://vote.example.org\n\n"
    done = surveys("setup", instance=instance, typed=typed)
    assert done.exit_code == 0, done.output
    assert "TIN_NHIEM_ADDRESS is 'ftp://vote'" in done.output
    assert read_settings({}, instance).address == "https://vote.example.org"


def test_the_settings_file_stands_behind_the_environment(instance: Path) -> None:
    write_settings_file(instance / "settings.env", {"TIN_NHIEM_PORT": "8001", "TIN_NHIEM_THREADS": "3"})
    settings = read_settings({"TIN_NHIEM_INSTANCE": str(instance), "TIN_NHIEM_PORT": "8002"})
    assert (settings.port, settings.threads) == (8002, 3)


@pytest.mark.parametrize("line", ["PORT=1", "TIN_NHIEM_PORT", "TIN_NHIEM_INSTANCE=/elsewhere", "export A=b"])
def test_a_line_that_means_nothing_in_the_settings_file_stops_the_start(instance: Path, line: str) -> None:
    instance.mkdir()
    (instance / "settings.env").write_text(f"# mine\n\n{line}\n", "utf-8")
    with pytest.raises(BadSetting):
        read_settings({}, instance)


def test_serving_makes_no_demonstration(instance: Path) -> None:
    served: list[Settings] = []
    done = surveys("serve", instance=instance, served=served)
    assert done.exit_code == 0, done.output
    assert [each.instance for each in served] == [instance]
    assert "administrator" in done.output
    settings = read_settings({}, instance)
    stores = open_stores(settings)
    assert ledger.round_ids(stores.engines.app) == ()
    assert list(register.all_staff(stores.app)) == []
    stores.close()
    assert {path.name for path in instance.iterdir()} == {"keyring.json", "stores"}


def test_what_the_demonstration_made_is_not_served_as_real(instance: Path) -> None:
    stores = open_stores(read_settings({}, instance))
    claim_for_demonstration(stores.engines.app)
    stores.close()
    served: list[Settings] = []
    done = surveys("serve", instance=instance, served=served)
    assert (done.exit_code, served) == (1, [])
    assert "the demonstration made this instance" in done.output


def standings(settings: Settings) -> dict[str, Standing]:
    stores = open_stores(settings)
    found = {each.what: each.standing for each in look(settings, stores)}
    stores.close()
    return found


def test_what_is_missing_or_unsafe_is_found_and_what_is_right_is_not(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_synchronised", lambda: True)
    monkeypatch.setattr(checking, "_file_system", lambda _: "ext4")
    bare = standings(read_settings({}, instance))
    wrong = {what for what, standing in bare.items() if standing is not Standing.GOOD}
    assert wrong == {"address", "mail", "administrator", "keyring", "witness", "backups"}
    assert set_up_elsewhere(instance)["backups"] is Standing.UNSAFE  # on the same disk
    good = set_up_elsewhere(instance)
    assert {what for what, standing in good.items() if standing is not Standing.GOOD} == {"backups"}


def set_up_elsewhere(instance: Path) -> dict[str, Standing]:
    other = instance.with_name("other")
    if not other.exists():
        assert set_up(other).exit_code == 0
    return standings(read_settings({}, other))


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("https", {"address": "https://vote.example.org"}),
        ("https", {"listen": "0.0.0.0"}),
        ("proxies", {"https": True}),
        ("proxies", {"listen": "0.0.0.0", "https": True, "proxies": 1}),
    ],
)
def test_each_dangerous_setting_is_named(instance: Path, what: str, change: dict[str, object]) -> None:
    plain = read_settings({}, instance)
    assert standings(plain)[what] is Standing.GOOD
    assert standings(replace(plain, **change))[what] is Standing.UNSAFE  # type: ignore[arg-type]


def test_stores_that_others_can_read_are_named(instance: Path) -> None:
    settings = read_settings({}, instance)
    assert standings(settings)["permissions"] is Standing.GOOD
    settings.stores.chmod(0o755)
    assert standings(settings)["permissions"] is Standing.UNSAFE


def test_a_clock_that_nothing_keeps_and_a_disk_that_forgets_are_named(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings({}, instance)
    monkeypatch.setattr(checking, "_synchronised", lambda: False)
    monkeypatch.setattr(checking, "_file_system", lambda _: "nfs4")
    found = standings(settings)
    assert (found["clock"], found["disk"]) == (Standing.UNSAFE, Standing.UNSAFE)


def test_checking_says_by_its_status_that_something_is_missing(instance: Path) -> None:
    done = surveys("check", instance=instance)
    assert done.exit_code == 1
    assert "TIN_NHIEM_ADDRESS" in done.output
