"""Everything that is printed: slips, posters, letters, lists, and the questionnaire itself."""
