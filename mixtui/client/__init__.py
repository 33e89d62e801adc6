"""Send requests: connections, TLS, redirects, decoding, and messages for failures."""
