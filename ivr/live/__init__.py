"""The running line: what answers calls now, and how new content takes its place without losing a call."""
