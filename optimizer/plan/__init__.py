"""PLAN: what was decided, as a bill, with its ranges, its assumptions and its independent check."""
