"""The staff's desk: pages that show several rooms at once."""
