"""What a plan becomes for those who run it: arguments, tasks and scripts of launchers."""
