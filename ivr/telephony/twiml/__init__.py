"""What every provider that uses TwiML shares: requests to events, and steps to documents."""
