"""A stand-in for Renode: a program with its command line, which speaks its monitor's protocol and executes on Unicorn."""
