"""What needs Google Drive itself: ids, addresses."""
