"""What the live tables say to an act: exact, of the variants asked for and no others. Nothing here reads a document."""
