"""The independent verifier: re-derives from register, grants and keys what must have arrived, and compares.

Imports only the catalogues and grants of ``topics`` and the connections of ``infra.runtime``; nothing of the hub.
"""
