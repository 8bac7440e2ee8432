"""Tells people when a connection's state changes: once per change, by e-mail and by chat or webhook."""
