"""One installation at work: what it serves to voters, members and organizers, its jobs and its clock."""
