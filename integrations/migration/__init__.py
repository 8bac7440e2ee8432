"""The move from any CRM to HubSpot: a checklist that checks itself, keeps the evidence and locks what must wait."""
