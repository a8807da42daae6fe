"""The addressee system and the in-house offices behind it (宛名システム・庁内連携)."""
