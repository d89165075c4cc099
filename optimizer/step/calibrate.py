"""Fit the constants to published runs: least squares on the logarithm of step time."""
