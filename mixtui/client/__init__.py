"""Sends requests: connections, TLS, decoding, redirects, failures as sentences."""
