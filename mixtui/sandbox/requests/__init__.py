"""What every endpoint of the sandbox uses: requests, credentials, body shapes, errors, limits."""
