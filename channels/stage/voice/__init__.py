"""The host's voice: what is read aloud (spoken), by which engine (speech and those behind it), as what clip."""
