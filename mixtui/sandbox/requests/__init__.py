"""Requests, credentials, body shapes, errors and limits, which all endpoints share."""
