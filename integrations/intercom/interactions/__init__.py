"""Conversations of Intercom, as the kinds of interaction that their channel makes them."""
