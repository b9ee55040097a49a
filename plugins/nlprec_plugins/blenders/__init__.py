"""Several rankings into one, by rule."""
