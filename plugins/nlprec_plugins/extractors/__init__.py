"""Text recipes: documents in, features out."""
