"""What the gateway knows and decides: pure functions on its documents."""
