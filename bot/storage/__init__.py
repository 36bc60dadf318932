"""What outlives a turn: conversations, inbox, outbox, photos and bindings, in one SQL database."""
