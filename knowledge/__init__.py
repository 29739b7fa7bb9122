"""What a school's documents say. Knows nothing of chat, requests or people."""
