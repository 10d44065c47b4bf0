"""Every field of every JSON member is altered in turn, and the verifier names the check that the field
belongs to.

The tables say for each field which check refuses *another well-formed value* of it. A field stands under an
earlier check than its own where changing it changes a hash that an earlier message signed; the reason stands
beside it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from surveys.protocol import canonical
from surveys.protocol.manifest import decode_manifest
from tests.audit.alterations import another, changed, leaves, other_kind, pattern, reshaped
from tests.audit.build import a_vote
from tests.audit.verdicts import QUICK, failed

# The first line that fits counts. `form` is the check of a value that does not parse.
FORM = {
    "manifest.json": "4.1",
    "ceremony.json": "5.1",
    "roll.json": "6.3",
    "issuance.json": "7.5",
    "plan.json": "11.1",
    "agreement.json": "11.3",
    "tally.json": "12.1",
    "attendance.json": "13.1",
    "results.json": "13.2",
    "minutes.json": "13.4",
    "certificate.json": "13.6",
}
FIELDS: dict[str, list[tuple[str, str]]] = {
    "manifest.json": [
        ("format", "4.1"),
        # Both follow from the ceremony record and are not in D, so the commits still hold.
        ("election_key", "5.5"),
        ("ceremony", "5.5"),
        ("definition.format", "4.1"),
        # Words out of a fixed list.
        ("definition.slips", "4.1"),
        ("definition.visibility", "4.1"),
        # Null before: a contest without last year's result.
        ("definition.contests[[]].previous", "4.1"),
        ("definition.threshold", "4.2"),  # 3 of 3
        # Bound by the roots; with roots made anew it is D that differs (test_new_roots_change_d).
        ("definition.roots.*", "4.2"),
        ("definition.voters", "4.2"),
        ("definition.units[[]].*", "4.2"),
        ("definition.panels[[]].*", "4.2"),
        ("definition.contests[[]].*", "4.2"),
        # The level ids are those of last year's result and of the rule's conditions.
        ("definition.rule.levels[[]].id", "4.2"),
        ("definition.rule.denominator", "4.2"),
        ("definition.rule.outcomes[[]].all[[]].level", "4.2"),
        ("definition.rule.outcomes[[]].all[[]].op", "4.2"),
        ("definition.rule.outcomes[[]].all[[]].year", "4.2"),
        ("definition.rule.watch[[]].all[[]].level", "4.2"),
        ("definition.rule.watch[[]].all[[]].op", "4.2"),
        ("definition.rule.watch[[]].all[[]].year", "4.2"),
        # Everything else of the definition changes D, over which the trustees signed their commits.
        ("definition.*", "5.2"),
    ],
    "ceremony.json": [
        ("format", "5.1"),
        ("*.trustee", "5.1"),
        ("*[[]].trustee", "5.1"),
        ("attempt", "5.2"),
        ("commits*", "5.2"),
        # The dealer signed points, proofs and shares alike.
        ("deals*", "5.3"),
        ("confirms*", "5.6"),
    ],
    "roll.json": [("replaced[[]].new", "6.4 or 13.4"), ("replaced*", "6.4"), ("*", "6.3")],
    "issuance.json": [
        ("format", "7.5"),
        ("*.slip", "7.5"),
        ("*.blinded", "7.2"),
        ("*.signature", "7.2"),
    ],
    "plan.json": [("*", "11.1")],
    "agreement.json": [("*", "11.3")],
    "tally.json": [("shares*", "12.3"), ("counts*", "12.5"), ("*", "12.1")],
    "attendance.json": [
        ("format", "13.1"),
        # One more present than was said, but no more than were summoned: the results say another number.
        ("panels[[]]", "13.1 or 13.2"),
        # Stands in no other file; the certificate is over the file.
        ("head", "13.6"),
        # Acts out of order, of no known kind, or not when the polls were opened and closed.
        ("log[[]].reason", "13.4"),
        ("log*", "13.1 or 13.4"),
        ("opened", "13.1"),
        ("closed", "13.1"),
        # Nothing follows for another contest then, and something for this one.
        ("frozen[[]].contest", "13.3"),
        ("*", "13.4"),
    ],
    "results.json": [
        ("*[[]].outcome", "13.3"),
        ("*[[]].watch*", "13.3"),
        ("*", "13.2"),
    ],
    # Nothing in the bundle says what the typeset minutes hash to; the certificate is over the file.
    "minutes.json": [("pdf", "13.6"), ("*", "13.4")],
    "certificate.json": [("*", "13.6")],
}


def _expected(member: str, place: str) -> str:
    return next(check for glob, check in FIELDS[member] if fnmatchcase(place, glob))


@pytest.mark.parametrize("member", FORM)
def test_another_value_of_any_field_is_refused_by_its_check(member: str, tmp_path: Path) -> None:
    vote = a_vote()
    document = json.loads(vote.members[member])
    wrong = []
    for path, value in leaves(document):
        # A fourth trustee or a thirteenth month would be no well-formed value: `another` gives the next one
        # that is.
        altered = canonical.encode(changed(document, path, another(value, scalar=path[-1] == "response")))
        # Null in the results: a withheld contest, which says nothing at all.
        nothing = member == "results.json" and value is None
        expected = "13.2" if nothing else _expected(member, pattern(path))
        found = failed({**vote.members, member: altered}, tmp_path, QUICK)
        if not found or found[0] not in expected.split(" or "):
            wrong.append((path, expected, found))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("member", FORM)
def test_a_value_of_another_kind_is_refused_by_the_check_of_the_form(member: str, tmp_path: Path) -> None:
    vote = a_vote()
    document = json.loads(vote.members[member])
    wrong, seen = [], set()
    for path, value in leaves(document):
        if pattern(path) in seen:
            continue
        seen.add(pattern(path))
        altered = canonical.encode(changed(document, path, other_kind(value)))
        expected = _kind(member, pattern(path))
        found = failed({**vote.members, member: altered}, tmp_path, QUICK)
        if not found or found[0] != expected:
            wrong.append((path, expected, found))
    assert not wrong, "\n".join(map(str, wrong))


def _kind(member: str, place: str) -> str:
    # The rule is data of its own, read by 4.2; shares and counts are read by their own checks; an outcome by
    # 13.3.
    own = {
        "manifest.json": [
            ("definition.rule.name", "4.1"),
            ("definition.rule.levels[[]].id", "4.1"),
            ("definition.rule*", "4.2"),
        ],
        "agreement.json": [("*", "11.3")],
        "tally.json": [("shares*", "12.3"), ("counts*", "12.5")],
        "results.json": [("*[[]].outcome", "13.3"), ("*[[]].watch[[]]", "13.3")],
    }
    return next((check for glob, check in own.get(member, []) if fnmatchcase(place, glob)), FORM[member])


# What may be dropped, added, doubled and swapped without harm to the form, and then meets another check.
SHAPES: dict[str, list[tuple[str, str, str]]] = {
    "manifest.json": [
        ("*", "definition.rule", "4.1"),
        ("drop", "definition.rule.name", "4.1"),
        ("drop", "definition.rule.levels", "4.1"),
        ("drop", "definition.rule.levels[[]].id", "4.1"),
        ("drop", "definition.rule.deadlines.*", "5.2"),
        ("add", "definition.rule.deadlines.*", "5.2"),
        ("drop", "definition.rule.outcomes[[]]", "5.2"),
        ("swap", "definition.rule.outcomes[[]]", "5.2"),
        ("drop", "definition.rule.watch[[]]", "5.2"),
        ("double", "definition.rule.outcomes[[]].all[[]]", "5.2"),
        ("drop", "definition.rule.outcomes[[]].all[[]]", "5.2"),
        ("swap", "definition.rule.outcomes[[]].all[[]]", "5.2"),
        ("double", "definition.rule.watch[[]].all[[]]", "5.2"),
        ("drop", "definition.rule.watch[[]].all[[]]", "5.2"),
        ("swap", "definition.rule.watch[[]].all[[]]", "5.2"),
        ("swap", "definition.rule.levels[[]]", "5.2"),
        # Two levels instead of three: last year's result counts three.
        ("*", "definition.rule*", "4.2"),
        ("drop", "definition.trustees[[]]", "4.1"),
        # Four trustees: the record has three.
        ("double", "definition.trustees[[]]", "5.1"),
        ("*", "definition.trustees[[]]", "5.2"),
        ("double", "definition.clients[[]]", "4.2"),
        ("*", "definition.clients[[]]", "5.2"),
        ("*", "definition.contests[[]].titles[[]]", "4.2"),
        ("*", "definition.contests[[]].previous.levels", "4.1"),
        ("*", "definition.contests[[]].previous.levels.*", "4.2"),
        ("*", "definition.units[[]]", "4.2"),
        ("*", "definition.panels[[]]", "4.2"),
        ("*", "definition.panels[[]].contests[[]]", "4.2"),
        ("*", "definition.contests[[]]", "4.2"),
        ("*", "definition.contests[[]].panels[[]]", "4.2"),
    ],
    "ceremony.json": [("*", "deals[[]].*[[]]", "5.3")],
    "tally.json": [
        ("drop", "shares[[]]", "12.4"),
        ("double", "shares[[]]", "12.4"),
        ("swap", "shares[[]]", "12.4"),
        ("*", "shares[[]]*", "12.3"),
        ("*", "counts[[]]*", "12.5"),
    ],
    # A replacement that is kept quiet: the minutes name the roll file by its hash.
    # The cosignature of somebody by whom the openings went.
    "agreement.json": [("drop", "cosignatures[[]]", "12.2")],
    "roll.json": [
        ("drop", "replaced[[]]", "13.4"),
        ("double", "replaced[[]]", "6.4"),
        ("swap", "replaced[[]]", "6.4"),
    ],
    "issuance.json": [
        # One record fewer: the panel then has more ballots than papers, or its results say another number.
        ("drop", "panels[[]][[]]", "10.5"),
        # The records of two panels exchanged: not on those rolls; or out of order.
        ("*", "*", "7.5"),
    ],
    "attendance.json": [
        ("*", "incidents[[]]", "13.4"),
        ("*", "complaints[[]]", "13.4"),
        ("drop", "frozen[[]]", "13.3"),
        ("drop", "log[[]]", "13.1 or 13.4"),  # an extension that is kept quiet
        ("swap", "panels[[]]", "13.1 or 13.2"),
    ],
    "results.json": [("*", "*watch[[]]", "13.3")],
}


@pytest.mark.parametrize("member", FORM)
def test_dropping_adding_doubling_and_swapping_is_refused_by_its_check(member: str, tmp_path: Path) -> None:
    vote = a_vote()
    wrong = []
    for deed, place, altered in reshaped(json.loads(vote.members[member])):
        expected = next(
            (
                check
                for deeds, glob, check in SHAPES.get(member, [])
                if fnmatchcase(deed, deeds) and fnmatchcase(place, glob)
            ),
            FORM[member],
        )
        found = failed({**vote.members, member: canonical.encode(altered)}, tmp_path, QUICK)
        if not found or found[0] not in expected.split(" or "):
            wrong.append((deed, place, expected, found))
    assert not wrong, "\n".join(map(str, wrong))


def _uncanonical(raw: bytes) -> dict[str, bytes]:
    document: dict[str, Any] = json.loads(raw)
    name, value = next(iter(document.items()))
    double = f"{{{json.dumps(name)}:{json.dumps(value, separators=(',', ':'), ensure_ascii=False)},".encode()
    return {
        "a space in front": b" " + raw,
        "a line feed behind": raw + b"\n",
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "a key twice": double + raw[1:],
        "keys in another order": json.dumps(
            dict(reversed(document.items())), separators=(",", ":"), ensure_ascii=False
        ).encode(),
        "an escape that is not needed": raw.replace(b'"format"', b'"\\u0066ormat"', 1).replace(
            b'"preset"', b'"\\u0070reset"', 1
        ),
        "cut short": raw[:-1],
        "empty": b"",
        "another value": b"null",
        "not UTF-8": raw[:-1] + b"\xff}",
    }


@pytest.mark.parametrize("member", FORM)
def test_a_member_that_is_not_in_its_one_form_is_refused(member: str, tmp_path: Path) -> None:
    vote = a_vote()
    for deed, raw in _uncanonical(vote.members[member]).items():
        assert raw != vote.members[member], deed
        found = failed({**vote.members, member: raw}, tmp_path, QUICK)
        assert found[:1] == (FORM[member],), deed


def test_new_roots_change_d(tmp_path: Path) -> None:
    """An entry of a list altered and the roots and forms made anew: consistent, but the trustees signed
    another D.
    """
    vote = a_vote()
    for path, value in (
        (("units", 3, "name"), "Khác"),
        (("panels", 0, "token_key"), vote.token_keys[1].public_der().hex()),
        (("panels", 2, "roll"), "00" * 32),
        (("contests", 1, "name"), "Khác"),
    ):
        document = changed(json.loads(vote.members["manifest.json"]), ("definition", *path), value)
        read = decode_manifest(canonical.encode(document))
        panels = tuple(replace(panel, form=None) for panel in read.definition.panels)
        definition = replace(read.definition, panels=panels, stated=None)
        definition.check()
        raw = replace(read, definition=definition).encode()
        assert failed({**vote.members, "manifest.json": raw}, tmp_path, QUICK)[0] == "5.2", path


def test_the_unaltered_bundle_passes(tmp_path: Path) -> None:
    assert failed(a_vote().members, tmp_path) == ()
