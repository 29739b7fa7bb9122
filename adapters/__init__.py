"""Everything that touches the outside: chat platforms, the web, the database, the command line."""
