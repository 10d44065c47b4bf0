"""The bundles that browsers load: two builds are the same bytes, and each names what it is built of."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from surveys.web.clients import ClientsNotBuilt, built_clients
from tests.client.node import CLIENT, node


def build(client: Path, out: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, str(client / "build.py"), str(out)], check=True, capture_output=True)
    return files(out)


def files(folder: Path) -> dict[str, bytes]:
    """Every file by its way in the folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_two_builds_in_different_places_are_the_same_bytes(tmp_path: Path) -> None:
    elsewhere = tmp_path / "another" / "client"
    shutil.copytree(CLIENT, elsewhere, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    (elsewhere / "node_modules").symlink_to(CLIENT / "node_modules")
    first, second = build(CLIENT, tmp_path / "one"), build(elsewhere, tmp_path / "two")
    assert first == second
    assert set(first) >= {"booth.js", "booth-worker.js", "check.js", "clients.json"}
    assert first == files(built_clients_folder())  # what the server hands out is what anybody can build


def built_clients_folder() -> Path:
    return CLIENT.parent / "static" / "build"


def test_a_bundle_that_was_altered_is_not_served(tmp_path: Path) -> None:
    shutil.copytree(built_clients_folder(), tmp_path / "build")
    built_clients(tmp_path / "build")
    with (tmp_path / "build" / "booth.js").open("ab") as file:
        file.write(b"//")
    with pytest.raises(ClientsNotBuilt, match=r"booth\.js"):
        built_clients(tmp_path / "build")


@pytest.mark.parametrize("project", ["tsconfig.pages.json", "tsconfig.worker.json"])
def test_the_types_of_pages_and_workers_hold(project: str) -> None:
    done = node("node_modules/typescript/bin/tsc", "--project", project)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# `#name` in a class, and after a dot.
HIDDEN = re.compile(r"^\s+(?:readonly |async |static |get |\*)*#[a-z]|\w\.#[a-z]", re.MULTILINE)


def test_what_computes_hides_nothing_behind_a_hash_mark() -> None:
    """`#name` is written out for old browsers as a look-up in a WeakMap: many times slower in inner loops.

    Only secrets hide so: they are few, and nobody reads them a million times.
    """
    files = [path for room in ("core", "verifier") for path in (CLIENT / "src" / room).rglob("*.ts")]
    secret = {path for path in files if path.parent.name == "secret"}
    assert len(files) > len(secret) > 0
    hidden = {path.name for path in files if HIDDEN.search(path.read_text("utf-8"))}
    assert hidden - {path.name for path in secret} == set()
    assert hidden & {path.name for path in secret}  # so that the expression is seen to find


def test_only_a_page_touches_the_document() -> None:
    """flow.ts is a state machine, storage.ts a drawer: they run without a page."""
    for file in (CLIENT / "src" / "pages").rglob("*.ts"):
        text = file.read_text("utf-8")
        if file.name not in {"page.ts"}:
            assert "document." not in text, file
            assert "innerHTML" not in text, file


def test_the_words_are_the_same_in_both_languages() -> None:
    script = """
      import { readdirSync } from "node:fs";
      const all = readdirSync("src/pages", { recursive: true }).filter((name) => name.endsWith("words.ts"));
      for (const name of all) {
        const { WORDS } = await import(`${process.cwd()}/src/pages/${name}`);
        const [vi, en] = [Object.keys(WORDS.vi).sort().join(), Object.keys(WORDS.en).sort().join()];
        if (vi !== en) throw new Error(`${name}: other words in Vietnamese than in English`);
        for (const [key, text] of Object.entries(WORDS.vi)) {
          const holes = (said) => (said.match(/{\\w+}/g) ?? []).sort().join();
          if (holes(text) !== holes(WORDS.en[key])) throw new Error(`${name}: ${key} has other holes`);
          if (text === WORDS.en[key]) throw new Error(`${name}: ${key} is not translated`);
        }
      }
      console.log(all.length);
    """
    done = node("--input-type=module", "--eval", script)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2
