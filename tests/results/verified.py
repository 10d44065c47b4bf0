"""A staff's site over a published vote whose bundle was verified first: what pages and programs show is held
against its results file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveys.audit.bundle import write_bundle
from surveys.audit.verifier import verify
from surveys.names import RoundId
from surveys.organisation.register import import_organisation
from surveys.organisation.values import Organisation
from surveys.organisation.values import Unit as OrganisationUnit
from tests.audit.build import a_vote
from tests.staff import StaffSite, staff_site
from tests.three_years import Year, publish_year


@dataclass(frozen=True)
class Verified:
    """The site, the vote's results file and its id in hex."""

    site: StaffSite
    results: dict[str, Any]
    round_id: RoundId


def a_verified_site(folder: Path) -> Verified:
    """Write the bundle, verify it, publish the vote in the stores of a new site."""
    vote = a_vote()
    bundle = folder / "bundle.zip"
    write_bundle(bundle, vote.members)
    assert verify(bundle).good
    site = staff_site(folder)
    definition = vote.manifest.definition
    units = [OrganisationUnit(u.code, u.parent, u.name, None, u.kind) for u in definition.units]
    import_organisation(site.stores.app, Organisation.of(units, [], []), confirmed=False)
    publish_year(site.stores, Year(vote.manifest, vote.members["results.json"]))
    return Verified(site, json.loads(vote.members["results.json"]), definition.round_id)
