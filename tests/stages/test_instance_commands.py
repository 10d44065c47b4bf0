"""The demonstration, its one server and its keyring on the command line: what would do harm is refused before
anything is made.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import app
from surveys.accounts import keeping as register
from surveys.cli import main
from surveys.organisation.register import import_organisation, load_organisation
from surveys.rehearsal import demo_accounts
from surveys.results.publications import published_rounds
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import AnotherServer, Engines
from surveys.stores.store import Stores
from tests.organisations import a_bloc


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(instance=tmp_path / "i", keyring=tmp_path / "i" / "keyring.json")


@pytest.fixture
def real(settings: Settings) -> Iterator[Stores]:
    """An instance with an organisation that somebody has imported."""
    stores = Stores(Engines(settings.stores), Keyring.load_or_create(settings.keyring))
    stores.engines.migrate_app()
    import_organisation(stores.app, a_bloc(), confirmed=False)
    yield stores
    stores.close()


def surveys(*call: str, instance: Path) -> Result:
    return CliRunner().invoke(main, [*call, "--instance", str(instance)])


def test_the_demonstration_refuses_an_organisation_that_it_did_not_make(
    settings: Settings, real: Stores
) -> None:
    stores = real
    before = load_organisation(stores.app)
    done = surveys("run", "--prepare-only", instance=settings.instance)
    assert done.exit_code == 1
    assert "the demonstration did not make" in done.output
    assert published_rounds(stores.engines.app) == set()
    assert ledger.round_ids(stores.engines.app) == ()
    assert list(register.all_staff(stores.app)) == []
    assert load_organisation(stores.app) == before
    assert sorted(path.name for path in settings.instance.iterdir()) == ["keyring.json", "stores"]
    assert demo_accounts.codes(stores, settings.instance) == ()


def test_a_second_server_of_one_instance_is_refused(settings: Settings, real: Stores) -> None:
    stores = real
    other = Engines(settings.stores)
    other.serve_alone()
    other.serve_alone()
    with pytest.raises(AnotherServer):
        app.serve(settings, stores)
    other.close()
    stores.engines.serve_alone()


def test_a_server_that_was_killed_holds_nobody_up(settings: Settings, real: Stores) -> None:
    stores = real
    script = (
        "import sys; from pathlib import Path; from surveys.stores.engines import Engines; "
        "Engines(Path(sys.argv[1])).serve_alone(); print('serves', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(settings.stores)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "serves\n"
        with pytest.raises(AnotherServer):
            stores.engines.serve_alone()
        server.kill()
    stores.engines.serve_alone()


def test_a_keyring_is_never_made_beside_data(settings: Settings, real: Stores) -> None:
    kept = settings.keyring.read_bytes()
    settings.keyring.unlink()
    for call in (("staff", "list"), ("run", "--prepare-only"), ("organisation", "export", "o.xlsx")):
        done = surveys(*call, instance=settings.instance)
        assert done.exit_code == 1, call
        assert "Put it back from its backup" in " ".join(done.output.split())
        assert not settings.keyring.exists()
    settings.keyring.write_bytes(kept)
    assert surveys("staff", "list", instance=settings.instance).exit_code == 0


def test_a_new_instance_gets_a_keyring_of_its_own(settings: Settings) -> None:
    assert surveys("staff", "list", instance=settings.instance).exit_code == 0
    assert Keyring.load(settings.keyring)
