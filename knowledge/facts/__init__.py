"""What the live tables say to an act: exact, of the variants that were asked for and no others. Nothing here reads a document."""
