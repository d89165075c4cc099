"""The answer as data: JSON keys and frames."""
