"""The Kemi guidance line: a phone assistant that always leads to a person."""
