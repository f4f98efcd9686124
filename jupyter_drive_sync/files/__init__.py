"""The local disk: listing, ignore rules, atomic swap, trash, base copies, lock."""
