"""From the texts of strangers to weighted terms."""
