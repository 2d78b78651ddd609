"""The browser phone: a page on this machine that plays whole calls, from the caller's and the contact's end."""
