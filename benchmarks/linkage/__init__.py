"""The attack on linkage: two institutions that pool what they were sent try to find out who is who."""
