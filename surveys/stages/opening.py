"""From the ceremony to open polls: the manifest is made, the trustees have confirmed it, the gate opens (docs/protocol.md 4.4, 5.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from surveys.box import gate
from surveys.box.errors import BoxExists
from surveys.committee import ceremony
from surveys.protocol.manifest import Definition, Manifest
from surveys.roll import attendance
from surveys.roll.errors import NoQuorum
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def make_manifest(stores: Stores, keyring: Keyring, definition: Definition, attempt: int) -> Manifest:
    """The manifest, once all trustees have dealt (else TooEarly). The same each time."""
    keys = ceremony.keys_of(stores.app, definition, attempt)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    ledger.keep_manifest(stores.app, keyring, manifest)
    return manifest


def confirm(stores: Stores, manifest: Manifest, attempt: int) -> None:
    """The ceremony is finished and its rehearsal holds for every t trustees (5.7), else Rejected; the box is prepared."""
    survey = manifest.definition.survey.hex()
    ceremony.finished(stores.app, manifest, attempt)
    try:
        gate.prepare(stores.box(survey), manifest)
    except BoxExists:
        gate.own(gate.look(stores.box(survey)), manifest)
    ledger.set_box_generation(stores.app, survey, gate.look(stores.box(survey)).generation)
    ledger.move(stores.app, survey, State.CONFIRMED)


def open_polls(stores: Stores, manifest: Manifest, present: Sequence[int], at: str) -> tuple[int, ...]:
    """Record who is present, let papers be issued, open the gate. `present` is by panel, `at` a UTC instant.

    Returns the panels without quorum: there the count, not the registrar, says that the result has no effect (13.3).
    Refuses a box that is not the one used last (BoxRolledBack).
    """
    survey = manifest.definition.survey.hex()
    gate.check_generation(stores.box(survey), _generation(stores, survey))
    quorum = Preset.from_json(manifest.definition.rule).quorum
    missing = []
    for panel, number in enumerate(present):
        attendance.record_present(stores.roll(survey), panel, number)
        try:
            num, den = (0, 1) if quorum is None else (quorum.numerator, quorum.denominator)
            attendance.open_issuing(stores.roll(survey), panel, num, den)
        except NoQuorum:
            missing.append(panel)
            attendance.open_issuing(stores.roll(survey), panel, 0, 1)
    gate.open_polls(stores.box(survey))
    ledger.move(stores.app, survey, State.OPEN, at=at)
    return tuple(missing)


def open_conducted(stores: Stores, manifest: Manifest, at: str, *, everybody: bool) -> None:
    """Open the gate; papers are issued where the rule's quorum holds, and in the other units as soon as it does (7.3).

    `everybody`: whoever is summoned counts as present; else those that are recorded. Order: present, issuing, gate, state; may be run
    again. Refuses a box that is not the one used last (BoxRolledBack).
    """
    definition = manifest.definition
    survey = definition.survey.hex()
    gate.check_generation(stores.box(survey), _generation(stores, survey))
    if everybody:
        for number, panel in enumerate(definition.panels):
            attendance.record_present(stores.roll(survey), number, panel.voters)
    issue_where_quorate(stores, definition, range(len(definition.panels)))
    gate.open_polls(stores.box(survey))
    ledger.move(stores.app, survey, State.OPEN, at=at)


def issue_where_quorate(stores: Stores, definition: Definition, panels: Iterable[int]) -> None:
    """Let papers be issued in those of these panels where enough people are present; the others go on waiting. May be run again."""
    quorum = Preset.from_json(definition.rule).quorum
    num, den = (0, 1) if quorum is None else (quorum.numerator, quorum.denominator)
    for panel in panels:
        with suppress(NoQuorum):
            attendance.open_issuing(stores.roll(definition.survey.hex()), panel, num, den)


def _generation(stores: Stores, survey: str) -> int:
    return ledger.box_generation(stores.app, survey)


def take_over(stores: Stores, keyring: Keyring) -> None:
    """At every start of a server: enter each box that may take ballots, as a new generation kept in the app store.

    A backup that is put back is of an older generation then, and is refused (BoxRolledBack). Safe to run again at any moment.
    """
    for survey in ledger.surveys(stores.app):
        found = ledger.find(stores.app, keyring, survey)
        if found.state in (State.CONFIRMED, State.OPEN):
            ledger.set_box_generation(
                stores.app, survey, gate.advance(stores.box(survey), found.box_generation)
            )
