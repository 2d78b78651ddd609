"""A telephone network in a box, and phones that ring the line through it. Nobody is really called."""
