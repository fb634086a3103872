"""Tests: one folder for each app, and one for what holds them together."""
