"""The way back: what parties say of residents, in the register's words, and what it then asks for."""
