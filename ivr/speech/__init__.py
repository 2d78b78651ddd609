"""How the line sounds: which voice speaks which utterance."""
