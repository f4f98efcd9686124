"""Fixtures for all tests."""

pytest_plugins = ["pytest_jupyter.jupyter_server", "tests.drive_emulator.fixtures"]
