"""Pure rules over plain values: no Django, no HTTP, no clock, no random source."""
