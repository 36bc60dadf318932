"""The web: REST in Rasa's contract, private chat, pages, and what an operator looks at."""
