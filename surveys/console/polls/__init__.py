"""Polls are conducted: present, open, extend, close; committee and count as far as the desk sees them."""
