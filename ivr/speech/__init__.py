"""Speech engines, clips and recordings, and which voice speaks which utterance."""
