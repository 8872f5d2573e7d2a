"""Reports: what several doors show of several rooms at once."""
