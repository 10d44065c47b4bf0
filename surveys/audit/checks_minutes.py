"""Checks 13.4 to 13.7: the minutes, their text, the committee's signature, a file of the typeset minutes (docs/protocol.md §13)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Any

from surveys.audit.case import Case
from surveys.audit.checks_results import outcome_of, same
from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing
from surveys.protocol.transcript import transcript

MINUTES_FORMAT = "tin-nhiem/minutes/1"
CERTIFICATE_FORMAT = "tin-nhiem/certificate/1"


def minutes(case: Case) -> None:
    """13.4: every field of minutes.json."""
    definition, stated = case.definition, case.attendance
    _ = case.results
    document = canonical.decode(case.bundle["minutes.json"], check="13.4", where="minutes")
    expected = {
        "format": MINUTES_FORMAT,
        "manifest": case.manifest.hash.hex(),
        "ceremony": case.manifest.ceremony.hex(),
        "board": case.root.hex(),
        "plan": case.plan.digest.hex(),
        "results": case.bundle.digest("results.json").hex(),
        "roll": case.bundle.digest("roll.json").hex(),
        "replaced": len(case.roll.replaced),
        "software": definition.software,
        "rule": definition.rule["name"],
        "organisation": definition.organisation,
        "number": definition.number,
        "place": definition.place,
        "opened": stated.opened,
        "closed": stated.closed,
        "summoned": sum(panel.voters for panel in definition.panels),
        "present": sum(stated.present),
        "issued": sum(len(records) for records in case.issuance.panels),
        "returned": sum(case.ballots.by_panel),
        "chair": stated.chair,
        "secretary": stated.secretary,
        "committee": list(definition.trustees),
        "counted_by": [definition.trustees[share.trustee - 1] for share in case.opened],
        "custodian": stated.custodian,
        "log": list(stated.log),
        "frozen": list(stated.frozen),
        "incidents": list(stated.incidents),
        "complaints": list(stated.complaints),
    }
    fields = Fields(document, check="13.4", where="minutes")
    expected["pdf"] = None if document.get("pdf") is None else fields.hex("pdf", 32).hex()
    same(document, expected, "minutes", "13.4")
    case.typeset = None if document["pdf"] is None else fields.hex("pdf", 32)


def text(case: Case) -> None:
    """13.5: the lines that begin with '#' are those of the contests, in order."""
    definition = case.definition
    entries = case.results["contests"]
    expected = []
    for c, entry in enumerate(entries):
        outcome = None if entry["withheld"] is not None else outcome_of(case, c, entry)[0]
        expected.append(line(c + 1, entry, definition.levels, outcome))
    try:
        written = case.bundle["minutes.txt"].decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(check="13.5", where="minutes.txt", why="not UTF-8") from None
    # splitlines also knows the separators of which some viewers make a new line and others do not.
    found = [each for each in written.splitlines() if each.startswith("#")]
    for i, (said, right) in enumerate(zip(found, expected, strict=False), 1):
        if said != right:
            raise Inconsistent(check="13.5", where=f"minutes.txt, line #{i}", why="does not say the result")
    if len(found) != len(expected):
        why = f"{len(found)} lines of results, {len(expected)} contests"
        raise Inconsistent(check="13.5", where="minutes.txt", why=why)


def line(number: int, entry: dict[str, Any], levels: tuple[str, ...], outcome: str | None) -> str:
    """The line of 13.5; `outcome` is None for a withheld contest."""
    head = f"#{number} {entry['name']}; {entry['unit']}; "
    if outcome is None:
        return head + "withheld"
    counted = ", ".join(
        f"{level} {entry['levels'][level]} ({entry['percent'][level] or '-'} %)" for level in levels
    )
    return (
        f"{head}returned {entry['returned']}; {counted}; not marked {entry['not_marked']}; "
        f"denominator {entry['denominator']['name']} {entry['denominator']['n']}; {outcome}"
    )


def certificate(case: Case) -> None:
    """13.6: a trustee signed these four files over this manifest, board and plan."""
    sign_keys, bundle = case.sign_keys, case.bundle
    fields = Fields(
        canonical.decode(bundle["certificate.json"], check="13.6", where="certificate"),
        check="13.6",
        where="certificate",
    )
    if fields.text("format", 100) != CERTIFICATE_FORMAT:
        raise Malformed(check="13.6", where="certificate.format", why=f"not {CERTIFICATE_FORMAT}")
    trustee = fields.integer("trustee", 1, 15)
    digests = []
    for name, member in (
        ("results", "results.json"),
        ("attendance", "attendance.json"),
        ("minutes", "minutes.json"),
        ("text", "minutes.txt"),
    ):
        digests.append(bundle.digest(member))
        if fields.hex(name, 32) != digests[-1]:
            raise Inconsistent(check="13.6", where=f"certificate.{name}", why=f"not the hash of {member}")
    signed = fields.hex("signature", 64)
    fields.done()
    if trustee > len(sign_keys):
        raise Missing(check="13.6", where="certificate.trustee", why="no such trustee")
    message = transcript("certificate", case.manifest.hash, case.root, case.plan.digest, *digests)
    signature.verify(sign_keys[trustee - 1], message, signed, check="13.6", where="certificate.signature")


def typeset_file(path: Path) -> Callable[[Case], None]:
    """13.7: the check that this file is the one that minutes.json names. It needs no typesetter."""

    def check(case: Case) -> None:
        named = case.typeset
        if named is None:
            raise Missing(check="13.7", where="minutes.pdf", why="the minutes name no typeset file")
        try:
            with path.open("rb") as file:
                found = file_digest(file, "sha256").digest()
        except OSError as error:
            why = f"cannot be read: {error.strerror or type(error).__name__}"
            raise Missing(check="13.7", where="minutes.pdf", why=why) from None
        if found != named:
            why = f"not the certified minutes: SHA-256 {found.hex()}, the minutes name {named.hex()}"
            raise Inconsistent(check="13.7", where="minutes.pdf", why=why)

    return check
