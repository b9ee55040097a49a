"""Every component that nlprec ships, one file each; they enter by the public door only."""
