"""The commands, the supervisor and the lists of packages."""
