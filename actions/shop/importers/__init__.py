"""Ways to fill the shop's tables from other systems' files."""
