"""Messages of `registry`."""
