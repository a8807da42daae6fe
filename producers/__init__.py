"""Where a change enters: the register, the relay that carries its changes out, and the synthetic city."""
