"""Event schemas and their publishing."""
