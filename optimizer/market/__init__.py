"""MARKET: a question and a catalog make the fleets one could rent, priced segment by segment."""
