"""Requests imported from other programs, and exported for them."""
