"""`surveys staff …`: the first administrator comes in, the log is checked and exported, the demo's accounts
have codes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.errors import LogBroken
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import check_written
from surveys.cli import main
from surveys.organisation.register import import_organisation
from surveys.rehearsal import demo_accounts
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import claim_for_demonstration
from surveys.stores.store import Stores
from tests.desk import desk_over
from tests.organisations import a_bloc
from tests.staff import over


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    settings = Settings(instance=tmp_path / "i", keyring=tmp_path / "i" / "keyring.json")
    stores = Stores(Engines(settings.stores), Keyring.load_or_create(settings.keyring))
    stores.engines.migrate_app()
    claim_for_demonstration(stores.engines.app)  # for the test of the demo's accounts
    import_organisation(stores.app, a_bloc(), confirmed=False, by_demonstration=True)
    stores.close()
    return settings.instance


def run(instance: Path, *call: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["staff", *call, "--instance", str(instance)])
    return done.exit_code, done.output


def opened(instance: Path) -> Stores:
    return Stores(Engines(instance / "stores"), Keyring.load_or_create(instance / "keyring.json"))


def test_the_first_administrator_comes_in_by_the_link_that_is_printed(instance: Path) -> None:
    call = ("invite", "dau@example.org", "--name", "Đầu tiên", "--address", "https://vote.example.org/")
    code, said = run(instance, *call)
    assert code == 0
    assert said.startswith("https://vote.example.org/s/vi/invitation/")
    token = said.strip().rsplit("/", 1)[1]
    stores = opened(instance)
    account = invitations.invited(stores.app, token, datetime.now(UTC))
    assert [(grant.role, grant.unit) for grant in account.staff.grants] == [(Role.ADMINISTRATOR, "*")]
    stores.close()
    # Asked again, the same account gets a new link, and the roles stay as they are.
    code, again = run(instance, *call, "--role", "auditor")
    assert (code, again != said) == (0, True)
    stores = opened(instance)
    assert len(register.all_staff(stores.app)) == 1
    stores.close()
    code, said = run(instance, "list")
    assert ("dau@example.org" in said, "administrator *" in said, "invited" in said) == (True, True, True)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("dau",), "no mail address"),
        (("a@example.org", "--unit", "Z", "--role", "organizer"), "there is no unit 'Z'"),
        (("a@example.org", "--unit", "A1", "--role", "leader"), "names the leader's code"),
    ],
)
def test_a_wrong_invitation_makes_no_account(instance: Path, call: tuple[str, ...], says: str) -> None:
    code, said = run(instance, "invite", *call, "--name", "X", "--address", "https://x")
    assert code != 0
    assert says in said
    stores = opened(instance)
    assert register.all_staff(stores.app) == ()
    stores.close()


def test_the_log_is_checked_exported_and_held_to_an_earlier_head(instance: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    for name in ("mot", "hai"):
        run(instance, "invite", f"{name}@example.org", "--name", name, "--address", "https://x")
    code, said = run(instance, "log", "--export", str(out))
    assert code == 0
    head = said.rsplit("Its head: ", 1)[1].strip()
    assert run(instance, "log", "--seen", head)[0] == 0
    assert run(instance, "log", "--seen", "1:" + "00" * 32)[0] == 1
    count, last = check_written(out.read_text("utf-8"))
    assert f"{count}:{last.hex()}" == head
    assert CliRunner().invoke(main, ["staff", "check-log", str(out)]).exit_code == 0


def test_an_exported_log_in_which_anything_was_changed_does_not_hold(instance: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    for name in ("mot", "hai", "ba"):
        run(instance, "invite", f"{name}@example.org", "--name", name, "--address", "https://x")
    run(instance, "log", "--export", str(out))
    lines = out.read_text("utf-8").splitlines()
    said = json.loads(lines[1])
    changed = {
        key: {**said, key: value}
        for key, value in {
            "at": "2020-01-01T00:00:00Z",
            "actor": "x",
            "act": "round.opened",
            "reason": "khác",
            "unit": "A",
            "facts": {},
            "number": 7,
            "previous": "00" * 32,
            "hash": "11" * 32,
        }.items()
    }
    for entry in changed.values():
        with pytest.raises(LogBroken) as caught:
            check_written("\n".join([lines[0], json.dumps(entry), lines[2]]))
        assert caught.value.number in (2, 3)
    for broken in ([lines[0], lines[2]], lines[1:], [lines[1], lines[0], lines[2]], [lines[0], "{}"], ["x"]):
        with pytest.raises(LogBroken):
            check_written("\n".join(broken))
    # What a chain cannot show: the newest entries cut off. Whoever noted the head can tell.
    assert check_written("\n".join(lines[:2]))[0] == 2


def test_the_demos_accounts_are_made_once_and_their_codes_let_them_in(instance: Path) -> None:
    stores = opened(instance)
    site = over(stores)
    assert demo_accounts.codes(stores, instance) == ()
    desk = desk_over(site, instance, Settings())
    round_id = desk.frozen(1, unit="K")
    definition = ledger.find(stores.app, round_id).definition
    made = demo_accounts.make_accounts(stores, desk.desks.log, instance, definition)
    assert {each.role for each in made} == set(Role)
    assert demo_accounts.make_accounts(stores, desk.desks.log, instance, definition) == made
    assert (instance / demo_accounts.FILE).stat().st_mode & 0o777 == 0o600
    shown = {email: code for email, code, _ in demo_accounts.codes(stores, instance)}
    for each in made:
        account = register.account_by(stores.app, email=each.email)
        assert account is not None
        assert shown[each.email] in {
            site.code(account.staff),
            site.code(account.staff, -1),
            site.code(account.staff, 1),
        }
        browser = site.browser()
        answer = browser.post(
            "/en/account/login", {"email": each.email, "password": each.password}, at="/en/account/login"
        )
        assert answer.status_code in (200, 302, 303)
        code = {"code": site.code(account.staff)}
        answer = browser.post("/en/account/tf-validate", code, at="/en/account/tf-validate")
        assert answer.headers["Location"].endswith("/s/en/"), each.role
        assert browser.get("/en/").status_code == 200
    stores.close()
