"""A simulated telephone network, and phones that call the line through it. Nobody is really called."""
