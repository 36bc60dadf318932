"""What customers' photos show, and which products look like them: learned from the pictures that the shop has."""
