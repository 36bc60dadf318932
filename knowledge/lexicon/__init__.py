"""The shop's own words, compiled from its tables: products, kinds, variants, properties and units. No word of a trade stands here."""
