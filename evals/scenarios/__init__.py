"""Scripted conversations, played over the whole engine: what is said, and what must come of it.

`script` has their form, `stage` the engine and the shop that they are played on, `play` compares.
"""
