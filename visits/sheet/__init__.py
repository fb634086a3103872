"""What the rows of workbooks mean: of results of 12345, of visits written on paper."""
