"""What a launcher cannot be told, in words."""


class ExportError(ValueError):
    """A plan that a launcher has no words for: where, what, what it takes, what to do."""
