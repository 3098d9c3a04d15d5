"""What people wrote in their own words: masked, searched, grouped by themes that the analyst edits."""
