"""Who may come in: personal links, and later the accounts of staff."""
