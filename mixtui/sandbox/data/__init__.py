"""What the sandbox stores: events, profiles, documents, and its sample data."""
