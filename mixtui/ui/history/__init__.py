"""The history screen: its list, filter, details and what can be chosen there."""
