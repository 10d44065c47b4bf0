"""Checks 8.2 to 10.5: every ballot, the board they stand on, and who sealed it (docs/protocol.md §8, §10)."""

from __future__ import annotations

from collections.abc import Callable

from surveys.audit.ballots import walk
from surveys.audit.case import Case
from surveys.audit.frames import Frames
from surveys.audit.members import steady
from surveys.audit.repeated import refuse_repeated
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.errors import Duplicate, Inconsistent, Missing


def decoding(case: Case) -> None:
    """8.2; the same walk over the ballots answers 8.3 to 8.5."""
    manifest = case.manifest
    case.frames = frames = Frames(steady(case.bundle, "board.bin"))
    found = walk(
        frames,
        manifest,
        tokens=case.established(Case.token_keys) is not None,
        jobs=case.workforce.jobs,
        helpers=case.workforce.helpers,
        on_done=lambda done: case.workforce.progress("8.2", done, len(frames)),
    )
    if "8.2" in found.refusals:
        raise found.refusals["8.2"]
    case.ballots = found


def order(case: Case) -> None:
    """10.1, as it was found while the board was cut."""
    _ = case.ballots
    if case.frames.disorder is not None:
        raise case.frames.disorder


def uniqueness(case: Case) -> None:
    """8.6."""
    _ = case.ballots
    refuse_repeated(case.frames, case.definition)


def _answer(check: str) -> Callable[[Case], None]:
    def ask(case: Case) -> None:
        refusals = case.ballots.refusals
        if check in refusals:
            raise refusals[check]

    ask.__doc__ = f"{check}: what the walk of 8.2 found."
    return ask


signatures = _answer("8.4")
proofs = _answer("8.5")


def tokens(case: Case) -> None:
    """8.3: what the walk of 8.2 found, if the token keys are sound."""
    _ = case.token_keys
    _answer("8.3")(case)


def at_most_issued(case: Case) -> None:
    """10.5."""
    for p, (returned, issued) in enumerate(zip(case.ballots.by_panel, case.issuance.counts, strict=True)):
        if returned > issued:
            raise Inconsistent(
                check="10.5",
                where=f"board, panel {p}",
                why=f"{returned} ballots, {issued} papers issued",
            )


def checkpoint(case: Case) -> None:
    """10.2."""
    manifest = case.manifest
    case.root = root = case.frames.root
    case.checkpoint = note = decode_checkpoint(case.bundle["checkpoint.txt"])
    for name, said, found in (
        ("origin", note.checkpoint.origin, _origin(case)),
        ("size", note.checkpoint.size, len(case.frames)),
        ("root", note.checkpoint.root, root),
        ("extensions", note.checkpoint.extensions, (f"manifest {manifest.hash.hex()}",)),
    ):
        if said != found:
            raise Inconsistent(
                check="10.2", where=f"checkpoint.{name}", why="is not of this board and manifest"
            )


def box_signature(case: Case) -> None:
    """10.3."""
    case.checkpoint.check_signature(_origin(case), case.definition.box_key, check="10.3")


def cosignatures(case: Case) -> None:
    """10.4: at least t trustees, each once, each signature sound; nobody else but the box."""
    note, origin, keys = case.checkpoint, _origin(case), case.sign_keys
    trustees = {f"{origin}/trustee-{i}": key for i, key in enumerate(keys, 1)}
    seen: set[str] = set()
    for i, line in enumerate(note.signatures):
        where = f"checkpoint.signatures[{i}]"
        if line.name in seen:
            raise Duplicate(check="10.4", where=where, why="a second signature under one name")
        seen.add(line.name)
        if line.name == origin:
            continue
        if line.name not in trustees:
            raise Inconsistent(check="10.4", where=where, why="a signature by neither the box nor a trustee")
        note.check_signature(line.name, trustees[line.name], check="10.4")
    cosigned = len(seen & trustees.keys())
    if cosigned < case.definition.threshold:
        why = f"cosigned by {cosigned} trustees, not {case.definition.threshold}"
        raise Missing(check="10.4", where="checkpoint.signatures", why=why)


def _origin(case: Case) -> str:
    return f"tin-nhiem/{case.definition.survey.hex()}"
