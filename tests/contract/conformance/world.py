"""What a case finds at the platform, and the addresses used throughout."""

from contract.conformance.worlds.ground import PAGE, URL
from contract.conformance.worlds.mini_program import World

__all__ = ["PAGE", "URL", "World"]
