"""A synthetic city and a year of its life, the same for the same seed. Nobody in it exists; numbers are invented."""
