"""The demo campaign: the real area tree of a city, with invented people, households and work."""
