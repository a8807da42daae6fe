"""The command line: the one place that knows producers, hub, consumers and infra, and wires them together."""
