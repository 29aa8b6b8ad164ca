"""Every query of consent."""
