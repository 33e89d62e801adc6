"""What `mixtui doctor` finds out: a section a module, each of which may be broken."""
