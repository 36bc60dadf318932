"""The shop's own tables, and what fills them."""
