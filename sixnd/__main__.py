"""`python -m sixnd` is `sixnd`."""

from optimizer.commands.cli import main

main()
