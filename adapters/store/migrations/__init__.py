"""How a database becomes the one this program needs: Alembic revisions, run by `migrate`."""
