"""Messages of `bsp-switch`."""
