"""What was measured, whether it is complete, and what an activation delivered."""
