"""The number linkage server before the intermediate server (番号連携サーバ → 中間サーバー)."""
