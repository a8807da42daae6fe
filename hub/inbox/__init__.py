"""Receives: acknowledgements, interests, resend requests and discards of the parties."""
