"""What a launcher cannot be told, in words."""


class ExportError(ValueError):
    """A plan that a launcher has no words for: what, what it takes instead, and a way round."""
