"""A simulated show: days of events on the demo shop's tables, what was said judged by an oracle of its own."""
