"""The audit of a Kafka cluster: eighteen questions that a security auditor asks, answered by evidence."""
