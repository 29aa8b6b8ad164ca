"""Everything held about somebody, gathered in the background into a sealed file that expires."""
