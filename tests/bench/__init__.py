"""`make bench`: speed and memory, as ratios of what was measured in the same run."""
