"""The provider Twilio: its signature, its emergency document, and the provider itself."""
