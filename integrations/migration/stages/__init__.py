"""Stages A, B and C: what each writes into HubSpot's configuration, how it is saved, and how its run begins."""
