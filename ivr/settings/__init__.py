"""The settings of a process, from the environment and a `.env` file: what is read, and what can never work."""
