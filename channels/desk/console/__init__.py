"""The merchant's console: what owners see of conversations, knowledge and numbers, beside the desk."""
