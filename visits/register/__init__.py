"""The register's columns and the checks of its rows: plain Python, no database."""
