"""An embedded Apache Kafka and PostgreSQL: real servers, started from downloaded packages, without root or Docker."""
