"""Send a request from the command line: draft, dispatch, destination of the body, output."""
