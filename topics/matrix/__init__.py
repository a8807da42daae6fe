"""What each recipient is to be told by each reason of change: one file for each, beside its grant."""
