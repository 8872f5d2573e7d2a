"""A self-hosted platform for humanitarian campaigns: petitions, donations, updates, and the staff's desk."""
