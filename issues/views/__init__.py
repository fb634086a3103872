"""Pages of problem items."""
