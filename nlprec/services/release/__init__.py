"""The live release: found, loaded, swapped, and kept fresh by what happened since."""
