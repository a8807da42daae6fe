"""Intake of files that a real register system writes (住民情報ファイル): read, checked row by row, taken over in batches."""
