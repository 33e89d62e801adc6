"""Public collections of texts for readers, and our readers run over them."""
