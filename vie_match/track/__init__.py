"""What cities did in EU projects before: from CORDIS and keep.eu to one table."""
