"""A recipient by declaration alone: it keeps what its grant permits, and has no other duty."""
