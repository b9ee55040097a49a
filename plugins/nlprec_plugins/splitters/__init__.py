"""What is held out to judge by."""
