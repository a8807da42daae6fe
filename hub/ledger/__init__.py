"""The ledger (提供記録): what was disclosed, to whom, on which basis; entered before it can happen."""
