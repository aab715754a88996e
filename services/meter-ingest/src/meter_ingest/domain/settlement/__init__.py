"""What was delivered and corrected, in energy by party and in money. Pure; nothing here is kept beside events."""
