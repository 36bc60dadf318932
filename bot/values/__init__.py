"""Values in a text and their normal forms, as any room may need them. Pure functions over cleaned text.

Each reader yields entities in the order they are found; `text[start:end]` is what was said.
"""
