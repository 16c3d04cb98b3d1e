"""What derivation files say, for a reader, and how that stands to what the library says."""
