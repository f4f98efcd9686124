"""What the engine needs of the outside world: protocols, and the values that cross them.

The engine imports these; ``rclone``, ``drive``, ``files`` and ``store`` implement them. Nothing
here runs anything.
"""
