"""Pages of the ratings: ``rounds`` for the office and its readers, ``rating`` for raters."""
