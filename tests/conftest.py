"""Fixtures for all tests."""

pytest_plugins = ["tests.drive_emulator.fixtures"]
