"""The shop's own words, compiled from its tables: products, kinds, variants and units. No word of a trade stands here."""
