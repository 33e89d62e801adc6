"""The screen that searches Mixpanel's operations."""
