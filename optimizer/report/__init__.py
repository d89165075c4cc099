"""Renderers of an answer: they format and lay out, and compute nothing."""
