"""Doors of the handbooks."""
