"""The organisation at the desk: looked up, uploaded, corrected, each change with a reason."""
