"""The statistics of experiments: plain numbers in, frozen results out; no I/O, no clock.

``docs/explanation/statistics.md`` gives formulas, sources and what each result promises. Loads scipy, which
takes a second or two: import it only where it is used.
"""
