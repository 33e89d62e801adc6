"""The files of a person and of the app, each written completely or not at all."""
