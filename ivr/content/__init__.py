"""The only reader and writer of the folder `prompts/`."""
