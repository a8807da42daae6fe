"""The messages that travel: changes to the hub, deliveries to recipients, what parties send back."""
