"""Groups built by tag 标签建群: inviting chosen customers through staff."""
