"""Resources from a table: what is in the file, what it means, and which rows are to be mended. Pure."""
