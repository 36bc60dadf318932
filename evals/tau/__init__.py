"""tau-bench retail without a language model: our verbs against what its tools and its policy say must come of them."""
