"""What is decided, and why: pure functions of states, commands and what is known."""
