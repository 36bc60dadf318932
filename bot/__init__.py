"""The dialogue engine: understands, decides, answers, remembers. Knows no channel and no shop."""
