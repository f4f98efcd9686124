"""Calls, seconds, memory and the server's pulse: the figures in ``docs/performance.md``."""
