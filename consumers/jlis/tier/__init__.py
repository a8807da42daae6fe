"""The national tier of Juki-net: what prefectures pass on is kept here (本人確認情報)."""
