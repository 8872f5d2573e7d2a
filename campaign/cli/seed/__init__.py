"""The demo's content: campaigns, people, signatures and gifts that never were, written in one transaction.

What is chosen (names, states, amounts, identifiers) follows from fixed seeds and never from the time, so every run is
the same but for its dates, which count back from the moment of seeding. All addresses end in `.example` or
`example.org`, which belong to nobody. No mail is queued: what these people were sent, they were sent long ago.
"""
