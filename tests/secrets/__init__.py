"""Secrets are planted in every source, every feature is driven, all bytes are searched."""
