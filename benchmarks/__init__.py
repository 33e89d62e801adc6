"""Benchmarks: the speed and resource use of mixtui, measured in real terminals.

``python -m benchmarks run`` measures, ``python -m benchmarks report`` prints the
tables; docs/performance.md explains how to read them. A benchmark, not a test: nothing
fails here.
"""
