"""The box's doors."""
