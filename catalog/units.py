"""Units of time and of scale: the same numbers for facts, questions and answers."""

HOURS_PER_DAY = 24
HOURS_PER_WEEK = 168
# Of a contract: a twelfth of 365 days, and 365 days.
HOURS_PER_MONTH = 730
HOURS_PER_YEAR = 8760
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400
GIGA = 1e9
TERA = 1e12
