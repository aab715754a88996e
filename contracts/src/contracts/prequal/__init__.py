"""Messages of `prequal`."""
