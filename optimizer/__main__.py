"""`python -m optimizer` is `sixnd`."""

from optimizer.commands.cli import main

main()
