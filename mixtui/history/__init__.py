"""History entries: stored, searched and purged, with secrets masked."""
