"""The collection on the main screen: the open request, the autosave, the finder."""
