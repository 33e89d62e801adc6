"""Files: collections, environments, settings; written atomically."""
