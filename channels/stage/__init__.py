"""The virtual host: what it says (narration), when (scheduler) and about which product (plan). Pure; no engine of speech."""
