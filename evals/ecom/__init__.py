"""ECom-Bench's after-sales tasks, replayed on its shop."""
