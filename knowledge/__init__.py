"""What the bot knows: documents, catalogue, search, recommendation, photos."""
