"""Pages of the results; each file is a door."""
