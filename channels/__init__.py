"""How people reach the bot: live rooms, the web, Telegram, Slack."""
