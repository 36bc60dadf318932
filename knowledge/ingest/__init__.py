"""Files of the shop's documents -> sections with their structure -> entries of the index."""
