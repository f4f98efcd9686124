"""Projects at work: one queue and lock each, states, revisions, publishing."""
