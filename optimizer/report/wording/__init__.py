"""What was decided, in words: the one place where a record of a decider becomes a sentence."""
