"""Identity confirmation queries (本人確認情報照会) to the national role, by an operator for a purpose; all logged."""
