"""Microsoft Teams: the clerk's events in, its cards out. Nothing of Teams is known outside this package."""
