"""`python -m optimizer` is `sixnd`."""

from optimizer.cli import main

main()
