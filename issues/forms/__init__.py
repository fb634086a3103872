"""Forms of problem items."""
