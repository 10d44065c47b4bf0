"""From the ceremony to open polls: the manifest is made, the trustees have confirmed it, the gate opens
(docs/protocol.md 4.4, 5.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from surveys.box import gate
from surveys.box.errors import BoxExists
from surveys.committee import ceremony
from surveys.instants import Instant
from surveys.protocol.manifest import Definition, Manifest
from surveys.roll import attendance
from surveys.roll.errors import NoQuorum
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.stages import binding
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


def make_manifest(stores: Stores, definition: Definition, attempt: int) -> Manifest:
    """The manifest, once all trustees have dealt (else TooEarly). The same each time."""
    keys = ceremony.keys_of(stores.engines.app, definition, attempt)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    ledger.keep_manifest(stores.app, manifest)
    return manifest


def confirm(engines: Engines, manifest: Manifest, attempt: int) -> None:
    """The ceremony is finished and its rehearsal holds for every t trustees (5.7), else Rejected; the box is
    prepared and bound to roll and app store.
    """
    round_id = manifest.definition.round_id
    ceremony.finished(engines.app, manifest, attempt)
    try:
        gate.prepare(engines.box(round_id), manifest)
    except BoxExists:
        gate.own(gate.look(engines.box(round_id)), manifest)
    binding.bind(engines, round_id)
    ledger.move(engines.app, round_id, State.CONFIRMED)


def open_polls(engines: Engines, manifest: Manifest, present: Sequence[int], at: Instant) -> tuple[int, ...]:
    """Record who is present, let papers be issued, open the gate. `present` is by panel, `at` now.

    Returns the panels without quorum: there the count, not the registrar, says that the result has no effect
    (13.3). Refuses stores of which one is an older copy (RoundStopped).
    """
    round_id = manifest.definition.round_id
    rule = Preset.from_json(manifest.definition.rule)
    missing = []
    with binding.coarse_act(engines, manifest.definition):
        for panel, number in enumerate(present):
            attendance.record_present(engines.roll(round_id), panel, number)
            try:
                attendance.open_issuing(engines.roll(round_id), panel, rule)
            except NoQuorum:
                missing.append(panel)
                attendance.open_issuing(engines.roll(round_id), panel, None)
        gate.open_polls(engines.box(round_id))
        ledger.move(engines.app, round_id, State.OPEN, at=at)
    return tuple(missing)


def open_conducted(engines: Engines, manifest: Manifest, at: Instant, *, everybody: bool) -> None:
    """Open the gate; papers are issued where the rule's quorum holds, and in the other units as soon as it
    does (7.3).

    `everybody`: whoever is summoned counts as present; else those that are recorded. Order: present, issuing,
    gate, state; may be run again. Refuses stores of which one is an older copy (RoundStopped).
    """
    definition = manifest.definition
    round_id = definition.round_id
    with binding.coarse_act(engines, definition):
        if everybody:
            for number, panel in enumerate(definition.panels):
                attendance.record_present(engines.roll(round_id), number, panel.voters)
        issue_where_quorate(engines, definition, range(len(definition.panels)))
        gate.open_polls(engines.box(round_id))
        ledger.move(engines.app, round_id, State.OPEN, at=at)


def issue_where_quorate(engines: Engines, definition: Definition, panels: Iterable[int]) -> None:
    """Let papers be issued in those of these panels where enough people are present; the others go on
    waiting. May be run again.
    """
    rule = Preset.from_json(definition.rule)
    for panel in panels:
        with suppress(NoQuorum):
            attendance.open_issuing(engines.roll(definition.round_id), panel, rule)
