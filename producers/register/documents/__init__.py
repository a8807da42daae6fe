"""Documents of the register (証明書発行・通知): what may stand on them, how they are made, and who was given which."""
