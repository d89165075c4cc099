"""Fitting the step model to published runs, and scoring it on those left out."""
