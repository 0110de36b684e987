"""What is counted, and how it leaves the building. Knows nothing of incidents."""
