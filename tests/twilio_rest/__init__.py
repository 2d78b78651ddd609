"""A server on this machine that stands for Twilio's REST API, and checks what is asked by Twilio's own descriptions."""
