"""What the rows of workbooks about appeals mean."""
