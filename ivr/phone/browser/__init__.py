"""The browser phone: a newcomer hears a whole call on their own machine, from both ends, at any hour of any day."""
