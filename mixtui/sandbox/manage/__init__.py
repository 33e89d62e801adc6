"""Endpoints that create, read, change and delete what the sandbox stores."""
