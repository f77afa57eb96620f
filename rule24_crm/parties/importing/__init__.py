"""Client bases from files: read, check every row, recognise who is known, create."""
