"""``docker-compose.yml``: three brokers and PostgreSQL, rendered from the same source as the embedded cluster."""
