"""`python -m sixnd` is `sixnd`."""

from optimizer.cli import main

main()
