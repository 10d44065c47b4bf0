"""A challenged ballot shows what it held; one that held anything else is refused (docs/protocol.md 8.8)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.audit.openings import open_ballot, read_manifest
from surveys.cli import main
from surveys.protocol.codes import write_code
from surveys.protocol.errors import Rejected
from surveys.protocol.group import Scalar
from surveys.protocol.manifest import Manifest
from surveys.protocol.opening import Opening, decode_opening
from surveys.protocol.secret.encrypt import ballot_public_key, seal_body
from tests.audit.build import a_vote

PANEL = 0


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return a_vote().manifest


@pytest.fixture(scope="module")
def opening(manifest: Manifest) -> Opening:
    choices = [(i + 1) % 4 for i in range(len(manifest.definition.panels[PANEL].contests))]
    sealed = seal_body(manifest, PANEL, choices, ballot_public_key(bytes(32)), 1)
    return Opening(sealed.body, sealed.choices, sealed.randomness)


def saved(folder: Path, opening: Opening, manifest: Manifest) -> tuple[Path, Path]:
    file, beside = folder / "check.json", folder / "manifest.json"
    file.write_bytes(opening.encode())
    beside.write_bytes(manifest.encode())
    return file, beside


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check-ballot", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_marks_are_shown_with_the_tracker(opening: Opening, manifest: Manifest, tmp_path: Path) -> None:
    file, beside = saved(tmp_path, opening, manifest)
    status, text = run(file, "--manifest", beside)
    assert status == 0
    assert write_code(opening.check(manifest).tracker) in text
    contests = [manifest.definition.contests[c] for c in manifest.definition.panels[PANEL].contests]
    words = ("Not marked", "High confidence", "Confidence", "Low confidence")
    for contest, choice in zip(contests, opening.choices, strict=True):
        assert f"{contest.name} ({contest.unit}): {words[choice]}" in text
    assert "Phiếu chứa đúng các dấu này" in run(file, "--manifest", beside, "--lang", "vi")[1]


def test_the_manifest_may_come_out_of_a_bundle(manifest: Manifest, tmp_path: Path) -> None:
    from surveys.audit.bundle import write_bundle

    write_bundle(tmp_path / "bundle.zip", a_vote().members)
    assert read_manifest(tmp_path / "bundle.zip").hash == manifest.hash


def test_a_ballot_that_holds_another_mark_is_caught(
    opening: Opening, manifest: Manifest, tmp_path: Path
) -> None:
    """This is what the challenge is for: a client that encrypts something else than it shows."""
    lied = replace(opening, choices=(0, *opening.choices[1:]))
    file, beside = saved(tmp_path, lied, manifest)
    status, text = run(file, "--manifest", beside)
    assert status == 1
    assert "check 8.8 failed at opening.choices[0]" in text


@pytest.mark.parametrize("change", ["randomness", "fewer", "choice"])
def test_an_opening_that_does_not_fit_is_refused(opening: Opening, manifest: Manifest, change: str) -> None:
    wrong = {
        "randomness": replace(opening, randomness=(Scalar(5), *opening.randomness[1:])),
        "fewer": replace(opening, choices=opening.choices[1:]),
        "choice": replace(opening, choices=(4, *opening.choices[1:])),
    }[change]
    with pytest.raises(Rejected) as caught:
        wrong.check(manifest)
    assert caught.value.check == "8.8"


def test_the_file_is_read_strictly(opening: Opening, manifest: Manifest, tmp_path: Path) -> None:
    assert decode_opening(opening.encode()) == opening
    value = json.loads(opening.encode())
    for name in value:
        file = tmp_path / f"{name}.json"
        file.write_bytes(json.dumps({k: v for k, v in value.items() if k != name}).encode())
        with pytest.raises(Rejected) as caught:
            open_ballot(file, manifest)
        assert caught.value.check == "8.8"
    (tmp_path / "large.json").write_bytes(b"[" * (17 << 20))
    with pytest.raises(Rejected, match="too large"):
        open_ballot(tmp_path / "large.json", manifest)
