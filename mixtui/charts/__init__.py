"""Recognise the charts in a response by its shape, and compute their figures."""
