"""The prefectural server of Juki-net (都道府県サーバ)."""
