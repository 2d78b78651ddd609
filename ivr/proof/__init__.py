"""What a caller may count on, proved for a content over every state that a call can be in."""
