"""Receives: acknowledgements, interests and resend requests of the parties."""
