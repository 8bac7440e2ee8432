"""Who is who: how well keys tell rows apart, which record meets which row, what looks alike, and the change to other IDs."""
