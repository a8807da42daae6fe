"""What Kairan runs on: settings and connections (runtime), embedded cluster, certificates, the independent verifier."""
