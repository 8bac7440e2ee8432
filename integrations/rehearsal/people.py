"""Names for a made-up world: our own, so that no row of it can be mistaken for somebody."""

COMPANY_HEADS = (
    "Aster", "Birch", "Calder", "Dorn", "Elder", "Fen", "Gale", "Harrow", "Ivory", "Juniper", "Kestrel", "Lark", "Marsh", "North",
    "Orchard", "Pike", "Quill", "Rowan", "Sable", "Thorn", "Umber", "Vale", "Wren", "Yarrow", "Zephyr",
)  # fmt: skip
COMPANY_TAILS = ("field", "wick", "mere", "stone", "bridge", "haven", "ridge", "dale", "port", "ford", "holt", "gate")
TRADES = (
    ("Logistics", "Transportation"), ("Foods", "Food & Beverage"), ("Robotics", "Machinery"), ("Health", "Healthcare"),
    ("Energy", "Energy"), ("Textiles", "Apparel"), ("Software", "Technology"), ("Partners", "Consulting"),
    ("Insurance", "Insurance"), ("Print", "Media"), ("Marine", "Shipping"), ("Studios", "Entertainment"),
)  # fmt: skip
PLACES = (
    ("Lyon", "France"), ("Nantes", "France"), ("Paris", "France"), ("Leeds", "United Kingdom"), ("Bristol", "United Kingdom"),
    ("Hamburg", "Germany"), ("Köln", "Germany"), ("Ghent", "Belgium"), ("Utrecht", "Netherlands"), ("Málaga", "Spain"),
    ("Porto", "Portugal"), ("Turin", "Italy"), ("Malmö", "Sweden"), ("Kraków", "Poland"), ("Boston", "United States"),
    ("Austin", "United States"), ("Toronto", "Canada"), ("Singapore", "Singapore"),
)  # fmt: skip
EMEA = (
    "France", "United Kingdom", "Germany", "Belgium", "Netherlands", "Spain", "Portugal", "Italy", "Sweden", "Poland",
)  # fmt: skip
FIRST_NAMES = (
    "Adèle", "Bastien", "Chiara", "Dylan", "Eszter", "Farid", "Greta", "Hugo", "Ilse", "Jonas", "Katya", "Léonie", "Mateo", "Nadia",
    "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tomás", "Uma", "Viktor", "Wanda", "Ximena", "Yara", "Zoltan",
)  # fmt: skip
LAST_NAMES = (
    "Abramsen", "Bellocq", "Castagne", "Duvernay", "Eriksholm", "Faulkland", "Grünwalder", "Halvorsen", "Ionescu", "Jankovic",
    "Kowalczuk", "Lindqvist", "Marchetti", "Nakagawara", "Okonjo", "Petrossian", "Quennell", "Rasmussen", "Saint-Clair",
    "Tavernier", "Uccello", "Vandermeer", "Westerhuis", "Xanthos", "Ylönen", "Zamorano",
)  # fmt: skip
TITLES = (
    "Head of operations", "Operations manager", "Chief financial officer", "IT manager", "Project lead", "Buyer", "Analyst",
    "Managing director", "Office manager", "Data lead",
)  # fmt: skip
COLLEAGUES = (
    ("Inès", "Moreau", "System Administrator", True), ("Théo", "Garnier", "Customer Success", True),
    ("Maud", "Lestrange", "Customer Success", True), ("Anton", "Brandt", "Customer Success", True),
    ("Sara", "Okello", "Customer Success", True), ("Luc", "Peyrac", "Customer Success", False),
    ("Helena", "Costa", "Standard User", True), ("Rui", "Tavares", "Standard User", True),
    ("Mina", "Haddad", "Standard User", True), ("Otto", "Falk", "Standard User", False),
    ("Clara", "Nyström", "Standard User", True), ("Piotr", "Wolski", "Standard User", True),
    ("Jade", "Rousselin", "Marketing User", True), ("Automated", "Process", "", True),
)  # fmt: skip
