"""Rasa Open Source 3.6 beside Streamdesk: its own environment, the bot's content trained and served on it, and a comparison.

python -m evals.rasa.setup               make the environment (Python 3.10), validate the content, train and test the bot on it
python -m evals.rasa.train [set ...]     train Rasa on the data sets of the comparison; hours, once for each state of the data
python -m evals.run rasa                 both side by side
"""
