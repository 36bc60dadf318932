"""Rasa Open Source 3.6 beside Streamdesk: an environment of its own, the bot's content on it, and a comparison.

python -m evals.rasa.setup               make the environment (Python 3.10), validate, train and test the bot's content
python -m evals.rasa.train [set ...]     train Rasa on the data sets of the comparison: hours, once for each state of them
python -m evals.run rasa                 both side by side
"""
