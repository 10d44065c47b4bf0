"""The staff's pages of the organisation."""
