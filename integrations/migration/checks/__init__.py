"""How the steps are measured: each check asks the hub, a CRM or the census, and says what it found in a sentence."""
