"""The REST interface, one small module a feature."""
