"""A local stand-in for the WeChat platform: servers, callbacks and simulated people.

The package speaks the platform's wire protocol from the platform's side. It imports nothing of
the product it is used to test, so that one mistake cannot hide on both sides of the wire.
"""

__version__ = "0.1.0"
