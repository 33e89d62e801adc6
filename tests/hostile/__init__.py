"""Servers, proxies and disks that misbehave, and what mixtui makes of them."""
