"""EXPLAIN: what binds, what lost, what is ruled out, and what must give where no plan exists."""
