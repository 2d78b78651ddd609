"""What is wrong with the files of a site, as issues with file, place and remedy."""
