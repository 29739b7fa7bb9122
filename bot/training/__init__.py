"""How the triage's weights are made: messages, and the script that learns from them. Not used at run time."""
