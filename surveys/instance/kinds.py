"""The kinds of work in the background that are about one round, as the queue and the pages name them."""

from __future__ import annotations

FREEZE = "freeze"
MAIL = "mail"
MEMBERS = "members"
COUNT = "count"
ROUND_JOBS = (FREEZE, MAIL, MEMBERS, COUNT)
