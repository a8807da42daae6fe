"""What of the hub's rows concerns the life of a key: how far it was used, and the content keys wrapped under it."""
