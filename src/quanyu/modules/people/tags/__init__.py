"""Tags of ours on people, unlike the tags platforms keep on followers and customers."""
