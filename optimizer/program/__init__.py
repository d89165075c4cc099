"""PROGRAM: decides. The integer program, its solvers, and the exact count that judges them."""
