"""The small vote: one cell in one meeting, from an empty desk to slips on one page."""
