"""What Mixpanel is: its APIs, endpoints, credentials and answers; no I/O."""
