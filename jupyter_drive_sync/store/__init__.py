"""SQLite: baseline and history."""
