"""Intake of files of a real register system (住民情報ファイル): read, checked row by row, taken over in batches."""
