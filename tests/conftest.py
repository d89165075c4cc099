"""Settings for all tests: steady examples without a time limit, and no catalog of the user's."""

import os
from pathlib import Path

from hypothesis import settings

import catalog

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# Whoever runs the tests may have imported prices; the tests are about the shipped ones.
os.environ["SIXND_CATALOG"] = str(Path(catalog.__file__).parent)
