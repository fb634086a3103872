"""What the rows of a roster and of a list of units mean: plain Python, no database."""
