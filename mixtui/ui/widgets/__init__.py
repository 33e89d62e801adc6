"""Widgets that know nothing of requests, and what screens share."""
