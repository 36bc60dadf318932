"""Slack: the agents' desk. A hand-off is a thread, an agent's reply in it reaches the customer."""
