"""From YAML text to a tree with places, from the tree to built settings."""
