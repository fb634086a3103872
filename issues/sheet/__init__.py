"""What the rows of a filled ledger mean: plain Python, no database."""
