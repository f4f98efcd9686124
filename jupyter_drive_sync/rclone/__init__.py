"""rclone as the engine needs it: binary, process, bisync, log, configuration."""
