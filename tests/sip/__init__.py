"""The line rung by other people's telephones: Debian's SIPp and baresip, over the loopback interface, in real time."""
