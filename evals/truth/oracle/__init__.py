"""Questions with their right answers, from the tables of a shop. A maker draws one case or none."""
