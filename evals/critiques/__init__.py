"""How soon somebody who has one product in mind is shown it, who answers what they are asked and criticises what they see."""
