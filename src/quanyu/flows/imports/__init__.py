"""Import files of people, events and orders into the log.

This package stays light: the preparing process imports parts of it and needs no server code.
"""
