"""Pictures of an answer: SVG, PNG and HTML, offline."""
