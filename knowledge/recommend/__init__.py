"""Which products fit a need and a person: constraints first, then rank, always in stock, each with a true reason."""
