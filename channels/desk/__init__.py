"""The agents' desk on the web: tickets of conversations that asked for a person, and the people who answer them."""
