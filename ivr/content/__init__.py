"""Reading, checking and writing the files of a site: flow, office, languages and texts."""
