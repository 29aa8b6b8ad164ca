"""What people may ask of a brand about their own data: to see it, to take it along, to have it erased."""
