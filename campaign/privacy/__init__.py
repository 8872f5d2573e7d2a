"""Privacy: what each person may do with their own data, what is forgotten when, and the proof of both.

It reaches across the rooms below: each of them knows how to forget its own rows, this one knows whose and when.
"""
