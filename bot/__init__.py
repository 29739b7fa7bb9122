"""What the clerk decides. Knows no chat platform, no SQL and no clock of its own."""
