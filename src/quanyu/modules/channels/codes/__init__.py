"""Source codes: parameter QR codes that say where somebody came from."""
