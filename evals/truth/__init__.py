"""Truth: does the bot answer any shop's questions rightly?

Questions are made from the tables of a shop, with the right answers worked out by code that shares nothing with the
product's (`oracle/`), said as two people would say them (`phrasings/`), made dirty as people type and speak (`noise.py`),
and judged by figures, names and that nothing else is claimed (`judge.py`). `python -m evals.truth --shop FOLDER` asks them.
"""
