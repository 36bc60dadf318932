"""A fault campaign: several workers on PostgreSQL and Redis, under load at every door, while parts of it die.

`python -m evals.faults` prints a table and writes JSON under var/bench/ (docs/running.md).
"""
