"""Pictures as plain values: drawing, lettering, charts. Templates and papers draw the same values."""
