"""The report one recalculates: sheets with live formulas."""
