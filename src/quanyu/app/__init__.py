"""The doors: HTTP, callbacks, tracking, workers, command line, settings and wiring."""
