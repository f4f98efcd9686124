"""What asks for runs. Each trigger only says: project P, because R."""
