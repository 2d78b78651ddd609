"""The line on real telephones (SIP), for tests and demonstrations on an own network."""
