"""Keys: bindings, the order of input, pastes, and the line of key hints."""
