"""mixtui: a terminal client for the Mixpanel HTTP APIs."""

__version__ = "0.1.0"
