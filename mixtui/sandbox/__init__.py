"""A local stand-in for Mixpanel, for people and for the tests."""
