"""Commands to decisions: flows in Rasa's CALM format, conversation repair, one pure step at a time."""
