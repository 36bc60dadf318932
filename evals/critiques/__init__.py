"""How soon somebody who has one product in mind is shown it, who answers and criticises."""
