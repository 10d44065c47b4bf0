"""A round is prepared: terms, rule, calendar, committee, slips, freezing."""
