"""The pages by which the office runs the line: a process and a port of its own, which answer no call."""
