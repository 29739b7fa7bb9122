"""The database: requests and their history, messages on their way, people, published schools.

Everything here speaks SQLAlchemy Core to SQLite or PostgreSQL and knows no chat platform. The
contracts are in `bot.ports`; a Slack or Teams package must not be imported here.
"""
