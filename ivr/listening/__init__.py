"""What the room, the office and the commands share about takes, approvals and suggestions (decision 28)."""
