"""From a draft to an outcome: plain Python, never Textual or Rich."""
