"""The commands of `sixnd`, and what they share: options, reading, loading, printing."""
