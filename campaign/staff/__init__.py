"""Staff: the people who run campaigns, and what each may do."""
