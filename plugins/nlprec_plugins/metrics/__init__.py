"""How ranked lists are judged."""
