import factory
from factory.django import DjangoModelFactory

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Contact, CsmOwner, Customer, HealthProfile, Stage


class CsmOwnerFactory(DjangoModelFactory[CsmOwner]):
    class Meta:
        model = CsmOwner

    email = factory.Sequence(lambda n: f"csm{n}@aldervale.example")
    name = factory.Sequence(lambda n: f"Colleague {n}")


class HealthProfileFactory(DjangoModelFactory[HealthProfile]):
    class Meta:
        model = HealthProfile

    name = factory.Sequence(lambda n: f"Profile {n}")


class CustomerFactory(DjangoModelFactory[Customer]):
    """Its compared forms are made as the syncs make them."""

    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n:05}")
    ref_id = factory.Sequence(lambda n: f"001{n:015}")
    domain = factory.Sequence(lambda n: f"customer{n}.example")
    name_key = factory.LazyAttribute(lambda row: compared(Compare.TEXT, row.name))
    domain_key = factory.LazyAttribute(lambda row: compared(Compare.DOMAIN, row.domain))
    stage = factory.LazyFunction(lambda: Stage.objects.get(name="run"))


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Contact {n:05}")
    ref_id = factory.Sequence(lambda n: f"003{n:015}")
    email = factory.Sequence(lambda n: f"contact{n}@customer.example")
    name_key = factory.LazyAttribute(lambda row: compared(Compare.TEXT, f"{row.first_name} {row.last_name}"))
    email_key = factory.LazyAttribute(lambda row: compared(Compare.EMAIL, row.email))
