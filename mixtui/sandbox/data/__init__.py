"""Store the sandbox's events, profiles and documents, and fill it with sample data."""
