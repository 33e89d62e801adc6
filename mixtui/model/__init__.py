"""The nouns of the program: draft, environment, secret, request, exchange, errors."""
