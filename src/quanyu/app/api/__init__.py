"""The console's and programs' HTTP API that spans modules; each module brings its own routes."""
