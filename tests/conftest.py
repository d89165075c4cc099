"""Settings for all tests: the same examples in every run, and no time limit on one example."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
