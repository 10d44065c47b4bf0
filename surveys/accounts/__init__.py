"""Who may come in: accounts of staff with roles over units, personal links, and the log of what staff did."""
