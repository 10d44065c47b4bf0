"""Who sees rounds on the desk."""

from __future__ import annotations

from surveys.accounts.roles import Role

READERS = frozenset(Role) - {Role.ADMINISTRATOR}
CONDUCTORS = frozenset({Role.ORGANIZER})
COMMITTEE = frozenset({Role.ORGANIZER, Role.COMMITTEE_HEAD})
