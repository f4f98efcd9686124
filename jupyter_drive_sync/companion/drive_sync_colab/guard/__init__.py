"""The guard: its own process, which brings every finished checkpoint to Drive and says so."""
