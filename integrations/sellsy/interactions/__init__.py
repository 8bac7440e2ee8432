"""Comments, calls, events and e-mails of Sellsy, as the four kinds of interaction."""
