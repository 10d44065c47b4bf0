"""What is mutated, and which tests may notice."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the secrecy and the sums of a vote stand on, each with how many mutants `make mutants` draws of it.
PARTS = {
    "surveys/protocol": 120,
    "surveys/box": 86,
    "surveys/roll/registrar.py": 30,
    "surveys/rules/atoms.py": 30,
}
# Which of these run a line is measured, not written down. A test of another folder is named where it holds a
# line that the room's own do not. No browsers, no servers, no Node:
# the quick ones.
TESTS = (
    "tests/protocol",
    "tests/box",
    "tests/roll/test_registrar.py",
    "tests/roll/test_layout.py",
    "tests/roll/test_listing.py",
    "tests/stores/test_migrations.py",
    "tests/rules/test_atoms.py",
    "tests/rules/test_disclosure.py",
    "tests/rules/test_together.py",
    "tests/attacks/test_forged_ballots.py",
    "tests/attacks/test_forged_ceremony.py",
    "tests/attacks/test_forged_counts.py",
    "tests/attacks/test_forged_records.py",
    "tests/attacks/test_free_values.py",
    "tests/attacks/test_lying_server.py",
    "tests/attacks/test_marked_voters.py",
    "tests/attacks/test_mutated_ballots.py",
    "tests/attacks/test_proof_transcripts.py",
    "tests/attacks/test_site_without_checks.py",
    "tests/audit/test_openings.py",
    "tests/audit/test_receipts.py",
    "tests/audit/test_slices.py",
    "tests/committee/test_ceremony.py",
    "tests/committee/test_counting.py",
    "tests/committee/test_faulty_members.py",
    "tests/fuzz/test_targets.py",
    "tests/rounds/test_forms.py",
    "tests/web/test_voter_wire.py",
)


def modules(place: str) -> list[str]:
    """The modules at a place, a file or a folder with all below it, sorted. Raises FileNotFoundError."""
    at = ROOT / place
    found = [at] if at.is_file() else sorted(at.rglob("*.py"))
    if not found:
        raise FileNotFoundError(f"no module at {place}")
    return [one.relative_to(ROOT).as_posix() for one in found]


def test_files() -> list[str]:
    """Every file of TESTS, in its order."""
    return [
        one.relative_to(ROOT).as_posix()
        for place in TESTS
        for one in ([ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).glob("test_*.py")))
    ]
