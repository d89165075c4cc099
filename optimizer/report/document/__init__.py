"""The report one reads and prints: blocks, written as HTML and Markdown."""
