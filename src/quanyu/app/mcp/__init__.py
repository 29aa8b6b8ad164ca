"""The door for assistants: tools of the Model Context Protocol, with the permissions of who calls."""
