"""The client as a server of the Model Context Protocol. Imports the client and the `mcp` package (extra `mcp`)."""
