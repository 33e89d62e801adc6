"""From a draft to a prepared request, and its preview."""
