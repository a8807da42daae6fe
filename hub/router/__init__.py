"""Decides: grant → population → items → delivery. Pure but for what `store` reads and writes."""
