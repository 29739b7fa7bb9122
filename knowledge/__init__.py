"""What a school's documents say. Knows nothing of chat, requests or people."""

import os

# Many people ask at once: one core each, not all for one. Read when numpy is first imported, hence here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
