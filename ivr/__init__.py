"""The Kemi guidance line: a phone line that always leads to a person."""
