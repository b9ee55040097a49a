"""The kit's hands: files, loose records, database tables, child processes."""
