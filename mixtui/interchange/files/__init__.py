"""Files of other programs imported as requests: OpenAPI and Postman."""
