"""The command line: parser, commands, exit codes; it builds the adapters."""
