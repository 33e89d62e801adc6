"""Compare two responses: status, headers and body, by path or by line."""
