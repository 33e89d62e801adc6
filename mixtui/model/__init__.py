"""The data types of the program: draft, environment, secret, request, exchange, errors."""
