"""HTML and prose of other people → text, dates, amounts, labels. Pure functions."""
