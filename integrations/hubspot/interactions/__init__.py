"""E-mails, meetings, calls and notes of HubSpot: objects of their own, tied to companies, contacts and deals."""
