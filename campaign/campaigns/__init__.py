"""Campaigns: what is asked and told. The campaign, its demand in versions, updates and aid deliveries."""
