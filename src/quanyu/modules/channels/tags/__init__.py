"""Account tags both ways: ours go to the platform, the platform's come to us."""
