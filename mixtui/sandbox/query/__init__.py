"""Endpoints that compute: reports, exports, profiles and JQL."""
