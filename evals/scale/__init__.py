"""How far the service goes: its parts measured here, a model on paper, and a simulation of many machines (docs/scale.md)."""
