"""`ivr doctor`: is the line ready for its first caller, as it is seen from here, from outside and by the provider?"""
