"""The screen: screens, widgets, actions, themes."""
