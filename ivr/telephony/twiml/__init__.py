"""What every provider that speaks TwiML shares: its requests to our events, our steps to its documents."""
