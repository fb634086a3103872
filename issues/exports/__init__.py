"""Files of problem items."""
