"""What every recipient shares: check, gate, fold, settle in one transaction, acknowledge, park."""
