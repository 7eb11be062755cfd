"""Language models behind the agents: opening them by spec, asking them, counting what they take.

What an agent of one's own needs is `Models` in stock.py, and `Form` and `ask_for` in form.py.
"""
