"""The relay: carries registered changes from the register's outbox to the change topic, in the order of positions."""
