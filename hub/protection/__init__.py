"""Protections (支援措置) as the hub keeps them: where each stands, who holds an address, and what was recalled."""
