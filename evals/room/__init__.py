"""Comments of live rooms, labelled by hand, and what the gate of a room makes of them."""
