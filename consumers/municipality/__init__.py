"""Another municipality as a counterparty (simulated): it keeps what it is told, and writes letters back."""
