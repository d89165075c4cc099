"""Real launchers as judges of layouts: they need what ``requirements.txt`` here lists."""
