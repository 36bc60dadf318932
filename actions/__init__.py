"""What the bot can do in the shop: one verb a function."""
