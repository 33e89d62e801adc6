"""What Mixpanel is: its APIs, endpoints, credentials and operations; no I/O."""
