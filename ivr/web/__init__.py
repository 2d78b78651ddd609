"""What the pages of the office and of the listening room share: who asks by which name, and from where."""
