"""The editor of rows of names and values: query parameters and headers."""
