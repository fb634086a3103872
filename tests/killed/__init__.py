"""A worker that stops at a point of its import, to be killed there. See test_killed_import."""
