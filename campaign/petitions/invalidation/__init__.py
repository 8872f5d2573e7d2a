"""Taking many signatures out of the count by conditions: preview, run, stop, and the way back.

Looking for signatures is done in plain reads, changing them in transactions of a batch each. `walking.py` goes through
what the conditions may fit, `previewing.py` counts, `batches.py` changes, `records.py` is what people press.
"""
