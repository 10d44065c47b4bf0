"""Checks 13.4 to 13.7: the minutes, their text, the committee's signature, a file of the typeset minutes
(docs/protocol.md §13).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from surveys.audit.case import Case
from surveys.audit.checks_results import outcome_of, same
from surveys.audit.minutes_text import text_of
from surveys.instants import instant_text
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.certificate import Certified, decode_certificate
from surveys.protocol.errors import Inconsistent, Missing
from surveys.protocol.files import MinutesFile, Result, Withheld
from surveys.protocol.shares import Share

MINUTES_FORMAT = "tin-nhiem/minutes/2"
END_OF_FILE = re.compile(rb"(?P<mark>%%EOF)\r?\n?")


def minutes(case: Case) -> None:
    """13.4: every field of minutes.json."""
    expected = expected_minutes(case)
    fields = Fields(
        canonical.decode(case.bundle["minutes.json"], check="13.4", where="minutes"),
        check="13.4",
        where="minutes",
    )
    typeset = None if fields.value.get("pdf") is None else fields.hex("pdf", 32)
    expected["pdf"] = None if typeset is None else typeset.hex()
    same(fields.value, expected, "minutes", "13.4")
    case.typeset = typeset


def absent_of(shares: Sequence[Share]) -> list[int]:
    """The trustees whom any of these shares names absent, in order (13.4)."""
    return sorted({i for share in shares for i in share.cosigners.absent})


def expected_minutes(case: Case) -> MinutesFile:
    """What minutes.json must be, but for `pdf`, as it follows from the other members."""
    definition, stated = case.definition, case.attendance
    names, _ = definition.trustees, case.results
    return {
        "format": MINUTES_FORMAT,
        "manifest": case.manifest.hash.hex(),
        "ceremony": case.manifest.ceremony.hex(),
        "board": case.root.hex(),
        "plan": case.plan.digest.hex(),
        "results": case.bundle.digest("results.json").hex(),
        "roll": case.bundle.digest("roll.json").hex(),
        "replaced": len(case.roll.replaced),
        "software": definition.software,
        "rule": str(definition.rule["name"]),
        "organisation": definition.organisation,
        "number": definition.number,
        "place": definition.place,
        "opened": instant_text(stated.opened),
        "closed": instant_text(stated.closed),
        "summoned": definition.voters,
        "present": sum(stated.present),
        "issued": sum(case.issuance.counts),
        "returned": sum(case.ballots.by_panel),
        "chair": stated.chair,
        "secretary": stated.secretary,
        "committee": list(names),
        "counted_by": [names[share.trustee - 1] for share in case.opened],
        "absent": [names[i - 1] for i in absent_of(case.opened) if i <= len(names)],  # else refused by 12.2
        "custodian": stated.custodian,
        "log": list(stated.log),
        "frozen": list(stated.frozen),
        "incidents": list(stated.incidents),
        "complaints": list(stated.complaints),
        "pdf": None,
    }


def text(case: Case) -> None:
    """13.5: the whole file is what follows from the other members."""
    definition = case.definition
    entries: list[Result | Withheld] = []
    for c, entry in enumerate(case.results["contests"]):
        if entry["withheld"] is None:
            entries.append({**entry, "outcome": outcome_of(case, c, entry)[0]})
        else:
            entries.append(entry)
    expected = text_of(definition, entries, expected_minutes(case))
    written = case.bundle["minutes.txt"]
    if written == expected:
        return
    right = expected.split(b"\n")
    said = written.split(b"\n", len(right))  # a file of a million lines is not cut into them
    at = next((i for i, (a, b) in enumerate(zip(said, right, strict=False)) if a != b), len(right) - 1)
    raise Inconsistent(check="13.5", where=f"minutes.txt, line {at + 1}", why="is not what follows")


def certificate(case: Case) -> None:
    """13.6: t trustees signed these four files over this manifest, board and plan."""
    sign_keys, bundle = case.sign_keys, case.bundle
    files = [
        bundle.digest(name) for name in ("results.json", "attendance.json", "minutes.json", "minutes.txt")
    ]
    certified = Certified(case.manifest.hash, case.root, case.plan.digest, *files)
    given = decode_certificate(bundle["certificate.json"])
    given.check(certified, sign_keys, case.definition.threshold)


def typeset_file(path: Path, authorities: Path | None = None) -> Callable[[Case], None]:
    """13.7: the check that this file is the one that minutes.json names, or that one and signatures behind
    it.

    It needs no typesetter, and what reads signatures only where there is something behind. With `authorities`
    (certificates, PEM) each signer's certificate must lead to one of them.
    """

    def check(case: Case) -> None:
        named = case.typeset
        if named is None:
            raise Missing(check="13.7", where="minutes.pdf", why="the minutes name no typeset file")
        try:
            content = path.read_bytes()
            pem = None if authorities is None else authorities.read_bytes()
        except OSError as error:
            why = f"cannot be read: {error.strerror or type(error).__name__}"
            raise Missing(check="13.7", where="minutes.pdf", why=why) from None
        certified = certified_length(content, named)
        if certified is None:
            found = sha256(content).hexdigest()
            why = f"not the certified minutes: SHA-256 {found}, the minutes name {named.hex()}"
            raise Inconsistent(check="13.7", where="minutes.pdf", why=why)
        if certified == len(content):
            case.signatures = ()
            return
        from surveys.audit.signed_minutes import read_authorities, read_signatures

        try:
            trusted = () if pem is None else read_authorities(pem)
        except ValueError as error:
            raise Missing(check="13.7", where="authorities", why=f"no certificates: {error}") from None
        case.signatures = read_signatures(content, certified, trusted)

    return check


def certified_length(content: bytes, named: bytes) -> int | None:
    """How many bytes from the start are the certified file: all, or up to an end of file mark behind which
    more follows; None where it does not begin with it.
    """
    hashed, at = sha256(), 0
    for mark in END_OF_FILE.finditer(content):
        # A writer ends its file with or without a line end; each is tried.
        for end in (mark.end("mark"), *range(mark.end("mark") + 1, mark.end() + 1)):
            hashed.update(content[at:end])
            at = end
            if hashed.digest() == named:
                return int(end)
    return len(content) if sha256(content).digest() == named else None
