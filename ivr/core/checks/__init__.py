"""One small function a rule: what is wrong with the content, as issues with file, place and remedy."""
