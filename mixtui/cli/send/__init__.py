"""What ``mixtui send`` does: draft, dispatch, where the body goes, what is printed."""
