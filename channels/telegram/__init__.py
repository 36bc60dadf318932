"""Telegram: private chats with the bot, by long polling."""
