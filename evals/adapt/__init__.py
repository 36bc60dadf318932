"""Teaches the upper half of the sentence encoder how customers ask shops: `python -m evals.adapt` writes the adapter.

It learns to choose (`lists`): of a shop's passages, or of a product's statements, the one that answers a question, or none.
The practice shops are ours, written for this; the demo shop's development questions are among them, the other shops'
questions are not: what is learned is measured on them. It also learns from pairs that mean the same (`pairs`), and English,
in which the model is weak, from a teacher (`teacher`).
"""
