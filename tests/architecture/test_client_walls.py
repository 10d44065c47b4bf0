"""The walls inside the client (docs/architecture.md): who imports whom in TypeScript, and what a flow never
touches.

Imports are read from the text, types' too, so a wall also stands where nothing would reach a bundle. A wall
that is broken is seen: each has a twin that breaks it once.
"""

from __future__ import annotations

import graphlib
import re
import shutil
from pathlib import Path, PurePosixPath

import pytest

from tests.client.node import CLIENT, node

SOURCES = CLIENT / "src"

# A secret is touched by the worker that seals, the worker of a trustee, and the two pages that hold slips.
MAY_TOUCH_SECRETS = {
    "core/opening.ts",
    "pages/booth/flow.ts",
    "pages/booth/paper.ts",
    "pages/slips/page.ts",
    "worker/sealing_ballots.ts",
    "worker/trustee.ts",
}
# Room → the rooms that it may import; the same room always.
BELOW = {
    "core": set[str](),
    "verifier": set[str](),
    "dom": {"core"},
    "worker": {"core", "verifier"},
    "pages": {"core", "verifier", "dom", "worker"},
}
# A page that borrows from another page, and what.
BORROWED = {
    ("pages/check/page.ts", "pages/booth/wire.ts"),
    ("pages/projector/page.ts", "pages/booth/clock.ts"),
    ("pages/projector/page.ts", "pages/booth/exhibits.ts"),
    ("pages/projector/page.ts", "pages/booth/wire.ts"),
    ("pages/receipt/judge.ts", "pages/booth/look.ts"),
    ("pages/receipt/page.ts", "pages/booth/wire.ts"),
}
IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"')
COMMENT = re.compile(r"^\s*(//|/?\*).*$", re.MULTILINE)

Imports = dict[str, set[str]]


def imports_of(folder: Path) -> Imports:
    """Module → the modules of the client that it imports, as paths below `src`."""
    found: Imports = {}
    for path in sorted(folder.rglob("*.ts")):
        here = PurePosixPath(path.relative_to(folder).as_posix())
        named = IMPORT.findall(COMMENT.sub("", path.read_text("utf-8")))
        found[str(here)] = {_joined(here.parent, name) for name in named if name.startswith(".")}
    return found


def _joined(folder: PurePosixPath, name: str) -> str:
    parts: list[str] = []
    for part in (folder / name).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


@pytest.fixture(scope="module")
def imports() -> Imports:
    return imports_of(SOURCES)


def cycle(imports: Imports) -> list[str]:
    """The modules of one ring of imports; empty where there is none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as ring:
        return list(ring.args[1])
    return []


def strangers_to_secrets(imports: Imports) -> set[str]:
    """Who imports something of core/secret and is not named."""
    touching = {
        module for module, named in imports.items() if any(n.startswith("core/secret/") for n in named)
    }
    return {
        module for module in touching if not module.startswith("core/secret/")
    } ^ MAY_TOUCH_SECRETS  # one named in vain is no better


def upward(imports: Imports) -> set[tuple[str, str]]:
    """(module, what it imports) where a room imports one that is not below it, or a page another page."""
    found = set()
    for module, named in imports.items():
        for other in named:
            room, theirs = module.split("/")[0], other.split("/")[0]
            another_page = room == theirs == "pages" and module.split("/")[1] != other.split("/")[1]
            if another_page or (room != theirs and theirs not in BELOW[room]):
                found.add((module, other))
    return found - BORROWED


def test_every_import_leads_to_a_module(imports: Imports) -> None:
    assert {name for named in imports.values() for name in named} <= set(imports)
    assert {module.split("/")[0] for module in imports} == set(BELOW)


def test_no_module_imports_itself_in_a_ring(imports: Imports) -> None:
    assert cycle(imports) == []


def test_a_ring_is_seen(imports: Imports) -> None:
    """As it stood once: a ballot reads the manifest, which named a type of sealing, which makes ballots."""
    again = imports | {"core/manifest.ts": imports["core/manifest.ts"] | {"core/secret/encrypt.ts"}}
    assert {"core/ballot.ts", "core/manifest.ts", "core/secret/encrypt.ts"} <= set(cycle(again))


def test_a_secret_is_touched_by_those_who_are_named(imports: Imports) -> None:
    assert strangers_to_secrets(imports) == set()


def test_a_stranger_to_secrets_is_seen(imports: Imports) -> None:
    again = imports | {"pages/audit/page.ts": {"core/secret/decrypt.ts"}}
    assert strangers_to_secrets(again) == {"pages/audit/page.ts"}
    without = imports | {"worker/sealing_ballots.ts": set()}
    assert strangers_to_secrets(without) == {"worker/sealing_ballots.ts"}


def test_a_room_imports_only_from_rooms_below_it(imports: Imports) -> None:
    assert upward(imports) == set()


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("verifier/plan.ts", "core/merkle.ts"),
        ("core/ballot.ts", "verifier/ballot.ts"),
        ("core/ballot.ts", "dom/http.ts"),
        ("worker/booth.ts", "dom/h.ts"),
        ("dom/h.ts", "pages/booth/words.ts"),
        ("pages/audit/page.ts", "pages/booth/wire.ts"),
    ],
)
def test_an_import_over_a_wall_is_seen(imports: Imports, module: str, other: str) -> None:
    assert upward(imports | {module: {other}}) == {(module, other)}


def test_the_page_of_the_second_verifier_knows_nothing_of_the_first_core(imports: Imports) -> None:
    """A mistake of the core must not be able to colour what the page of the verifier shows."""
    reached, waiting = set[str](), ["pages/audit/page.ts", "worker/audit.ts"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports[module]
    assert {module for module in reached if module.startswith("core/")} == set()


FLOWS = sorted(path.relative_to(CLIENT).as_posix() for path in SOURCES.glob("pages/*/flow.ts"))


def test_a_flow_never_touches_the_document() -> None:
    """Flows, and all that they import, are compiled without the types of a page."""
    assert len(FLOWS) >= 3
    done = node("node_modules/typescript/bin/tsc", "--project", "tsconfig.flows.json")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "line", ["document.title = '';", "localStorage.clear();", "window.close();", 'import "../../dom/h.ts";']
)
def test_a_flow_that_touches_the_document_is_seen(line: str, tmp_path: Path) -> None:
    copied = tmp_path / "client"
    shutil.copytree(CLIENT, copied, ignore=shutil.ignore_patterns("node_modules", "tests"))
    (copied / "node_modules").symlink_to(CLIENT / "node_modules")
    flow = copied / FLOWS[0]
    flow.write_text(f"{flow.read_text('utf-8')}\n{line}\n", "utf-8")
    done = node("node_modules/typescript/bin/tsc", "--project", str(copied / "tsconfig.flows.json"))
    assert "Cannot find name" in done.stdout + done.stderr
