"""The roll's doors."""
