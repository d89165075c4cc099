"""One file for each command of `sixnd`: it reads its options, calls, prints and exits."""
