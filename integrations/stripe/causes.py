"""Stripe's refusals in plain words, with what repairs them; pages show these beside the vendor's own text."""

from integrations.engine.reasons import Sentence, say

CAUSES: dict[str, Sentence] = {
    # The key
    "INVALID_KEY": Sentence(
        say("Stripe does not know this key."),
        say("Copy it again from Stripe, Developers, API keys: it begins with sk_ or rk_, and none is shown twice."),
    ),
    "api_key_expired": Sentence(
        say("This key has expired: somebody rolled it in Stripe."),
        say("Enter the new one. Nothing that was read is lost."),
    ),
    "NOT_SIGNED_IN": Sentence(
        say("Nobody has entered a key for this connection yet."),
        say("Enter a restricted key from Stripe, Developers, API keys."),
    ),
    # What a restricted key may read
    "may-not-read-customers": Sentence(
        say("This key may not read customers, so nobody in Stripe could be found here."),
        say("Give it Customers: Read in Stripe, Developers, API keys. Then connect again."),
    ),
    "may-not-read-subscriptions": Sentence(
        say("This key may not read subscriptions, so there would be no agreements and no MRR."),
        say("Give it Subscriptions: Read in Stripe, Developers, API keys. Then connect again."),
    ),
    "may-not-read-prices": Sentence(
        say("This key may not read prices, so what a tiered subscription costs would stay unknown."),
        say("Give it Prices: Read in Stripe, Developers, API keys. Then connect again."),
    ),
    "may-not-read-products": Sentence(
        say("This key may not read products, so plans would have no names."),
        say("Give it Products: Read in Stripe, Developers, API keys. Then connect again."),
    ),
    "may-not-read-events": Sentence(
        say("This key may not read events, so a sync could not tell what changed."),
        say("Give it Events: Read in Stripe, Developers, API keys. Then connect again."),
    ),
    "FORBIDDEN": Sentence(
        say("This key lacks a permission."),
        say("Stripe’s own text names it. Give it to the key in Stripe, Developers, API keys, then try again."),
    ),
    # Calls
    "rate_limit": Sentence(
        say("Too many calls came to Stripe within a second."),
        say("The run goes on by itself."),
    ),
    "lock_timeout": Sentence(
        say("Stripe is busy with the same record."),
        say("The run goes on by itself."),
    ),
    "parameter_unknown": Sentence(
        say("Stripe does not know a parameter that it was asked with."),
        say("Check the address of the connection: something else than Stripe may answer there."),
    ),
    "resource_missing": Sentence(say("Stripe holds no such record."), ""),
    # The connection itself
    "HOST_REFUSED": Sentence(
        say("This address does not belong to Stripe."),
        say("Correct the address, or have it listed by whoever runs this console."),
    ),
    "TLS_UNTRUSTED": Sentence(
        say("The certificate of this address cannot be trusted, so nothing was sent."),
        say("Check the address; an authority of your own can be added by whoever runs this console."),
    ),
}
