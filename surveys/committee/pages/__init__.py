"""The committee's doors."""
