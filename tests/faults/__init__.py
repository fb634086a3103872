"""`python -m tests.faults`: workers, clock and broker are killed while reminders flow."""
