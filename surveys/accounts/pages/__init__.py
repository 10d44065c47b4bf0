"""The doors of the accounts."""
