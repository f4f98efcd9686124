"""The run: plan, check, apply, commit, record. Knows neither Tornado nor rclone flags."""
