"""Who opens a page of ours in WeChat."""
