"""After-sales customers who are simulated: they want something, know what they know, and answer what they are asked.

goals.py     what is wanted, drawn from the shop's tables
oracle.py    which rows that must change, and how, reckoned from the tables and the policy's data alone
personas.py  how somebody talks: what is told at once, what is told wrong, what is asked back
wordings.py  how an act is worded, by hand, language and persona
customer.py  what is said next, given what the bot asked
play.py      one conversation with the whole service, and what became of it
measure.py   many of them, counted
"""
