"""Records of a response as a table that is sorted and filtered in threads."""
