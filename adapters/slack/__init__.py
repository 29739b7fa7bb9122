"""Slack: the clerk's events in, its cards out. Nothing of Slack is known outside this package."""
