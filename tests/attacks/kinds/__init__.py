"""Forgeries by kind, a file a family: each table says of a name how the bundle is made and which check names
it first.

Beside the zips and documents of tests/attacks/hostile.py these are the kinds that issue and protocol name:
refused characters, lists, plans, cosignatures, absence statements, certificates, and the evidence that voters
hold.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from surveys.audit.minutes_text import text_of
from surveys.protocol import canonical
from tests.audit.build import Vote
from tests.audit.closing import certified

Members = Mapping[str, bytes]
Forge = Callable[[Vote], Members]
Table = Mapping[str, tuple[str, Forge]]
"""Name of a deed → the check that must name it first, and how it is done."""
Change = Callable[[Any], Any]


def rewritten(member: str, change: Change) -> Forge:
    """A member in which something stands otherwise; what `change` returns takes its place, where it returns
    anything.
    """

    def forge(vote: Vote) -> Members:
        document = json.loads(vote.members[member])
        document = changed(document, change)
        return {**vote.members, member: canonical.encode(document)}

    return forge


def changed(document: Any, change: Change) -> Any:
    """A copy of the document after the change."""
    held = copy.deepcopy(document)
    said = change(held)
    return held if said is None else said


def restated(change: Change, signers: int = 2) -> Forge:
    """Another attendance, with minutes, text and a certificate by so many members that follow from it."""

    def forge(vote: Vote) -> Members:
        attendance = changed(json.loads(vote.members["attendance.json"]), change)
        minutes = json.loads(vote.members["minutes.json"])
        minutes |= {name: attendance[name] for name in minutes.keys() & attendance.keys() - {"format"}}
        return closed(
            {**vote.members, "attendance.json": canonical.encode(attendance)}, vote, minutes, signers
        )

    return forge


def closed(members: Members, vote: Vote, minutes: Mapping[str, Any], signers: int = 2) -> Members:
    """These minutes, the text that follows from them, and a certificate by so many members over all of it."""
    hashes = {name: sha256(members[f"{name}.json"]).hexdigest() for name in ("results", "roll")}
    written: Any = {**minutes, **hashes}
    contests = json.loads(members["results.json"])["contests"]
    files = {
        **members,
        "minutes.json": canonical.encode(written),
        "minutes.txt": text_of(vote.definition, contests, written),
    }
    return {**files, "certificate.json": certified(vote.manifest, vote.plan, files, vote.sheets[:signers])}
