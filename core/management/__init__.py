"""Commands of the command line, and the supervisor that `serve` uses."""
