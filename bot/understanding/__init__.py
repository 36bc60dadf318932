"""Text to commands: a cascade of stages, cheapest first, of which the first confident one decides."""
