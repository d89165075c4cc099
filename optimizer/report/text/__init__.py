"""The answer in a terminal: lines and tables."""
