"""Connections of the live server: waitress reads HTTP and writes answers; this decides who waits, and for how long.

Rule O5: whoever connects may take time and descriptors from nobody else. So one loop watches all connections at a cost
that does not grow with those that are silent, closes those that keep it waiting, and never waits for a disk or a peer.
"""
