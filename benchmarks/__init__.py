"""Benchmarks: how fast mixtui is and what it uses, measured in real terminals.

``python -m benchmarks run`` measures, ``python -m benchmarks report`` prints the tables;
docs/performance.md says how to read them. A benchmark, not a test: nothing fails here.
"""
