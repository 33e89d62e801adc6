"""The screen of bulk jobs: start, watch, pause, resume and remove them."""
