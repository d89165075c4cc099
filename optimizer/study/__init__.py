"""Studies around a plan: levers, frontier, sensitivity, risk, what a budget affords."""
