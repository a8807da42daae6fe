"""Protection (支援措置) on the register's side: steps with history; block, level and period only."""
