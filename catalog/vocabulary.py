"""The words of catalogs, questions, quotes and price lists, and the other names of each: once.

Names are held against these tables as ``squeezed`` has them: in lower case, letters and digits.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR

Precision = Literal["fp16", "bf16", "fp8", "mxfp8", "mxfp4", "nvfp4"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Pricing = Literal["on_demand", "reserved", "spot", "marketplace", "owned"]
PRICINGS: tuple[Pricing, ...] = get_args(Pricing)
PRICING_ALIASES: Mapping[str, Pricing] = {
    "committed": "reserved",
    "committeduse": "reserved",
    "commitment": "reserved",
    "interruptible": "spot",
    "payasyougo": "on_demand",
    "payg": "on_demand",
    "preemptible": "spot",
    "reservation": "reserved",
}

# How sure it is that one gets what is priced, the surest first: see CAPACITY_CLAIMS.
Capacity = Literal["self_serve", "block", "approval", "quota", "contract", "spot", "owned"]
CAPACITIES: tuple[Capacity, ...] = get_args(Capacity)
CAPACITY_CLAIMS: Mapping[Capacity, str] = {
    "self_serve": "by API and card, today",
    "block": "a block of given days, booked and prepaid by oneself",
    "approval": "a cluster that the provider approves and invoices",
    "quota": "a list price; the quota comes by ticket and nothing is guaranteed",
    "contract": "negotiated and signed",
    "spot": "taken back at any time",
    "owned": "bought",
}
# What a question may count on: with each word what it adds to those before it. ``published`` is
# any of them, of sizes that somebody publishes.
CAPACITY_LEVELS: Mapping[str, tuple[Capacity, ...]] = {
    "self_serve": ("self_serve", "block", "spot", "owned"),
    "approval": ("approval",),
    "quota": ("quota",),
    "contract": ("contract",),
}
PUBLISHED = "published"
CAPACITY_ALIASES = {"selfservice": "self_serve", "any": "contract"}

# When a contract is paid: the rest of it, after what is prepaid; empty: not stated.
Payment = Literal["", "monthly", "quarterly", "yearly", "upfront"]
PAYMENTS: tuple[Payment, ...] = get_args(Payment)

# Networks between nodes, and the words that stand for several of them.
FABRICS = ("infiniband", "roce", "efa", "rdma", "tcpx", "ici", "ethernet", "none")
FABRIC_GROUPS = {
    "rdma": ("infiniband", "roce", "efa", "rdma"),
    "fast": ("infiniband", "roce", "efa", "rdma", "tcpx", "ici"),
}
# Between nodes so joined nobody trains: one is used at a time, or all wait for each other.
NO_FAST_NETWORK = ("none", "ethernet")
# Of a node whose Ethernet has no stated speed: that of the slowest in offers.csv (p3.16xlarge).
ETHERNET_GBPS_A_NODE = 25.0
FABRIC_ALIASES = {
    "efav2": "efa",
    "efav3": "efa",
    "gpudirecttcpx": "tcpx",
    "gpudirecttcpxo": "tcpx",
    "ib": "infiniband",
    "rocev2": "roce",
    "tcpxo": "tcpx",
}

Group = Literal["us", "eu", "uk", "asia", "americas", "oceania", "middle_east", "africa", "europe"]
GROUPS: tuple[Group, ...] = get_args(Group)
# ``europe`` and ``americas`` of regions.csv are what lies outside the EU, the UK and the US; who
# asks for Europe or the Americas means all of it.
GROUP_WORDS: Mapping[str, tuple[Group, ...]] = {
    "america": ("us", "americas"),
    "americas": ("us", "americas"),
    "apac": ("asia", "oceania"),
    "asiapacific": ("asia", "oceania"),
    "emea": ("eu", "uk", "europe", "middle_east", "africa"),
    "europe": ("eu", "uk", "europe"),
    "european": ("eu", "uk", "europe"),
    "europeanunion": ("eu",),
    "unitedkingdom": ("uk",),
    "unitedstates": ("us",),
    "usa": ("us",),
}
# Places that are some countries of a group.
COUNTRY_WORDS: Mapping[str, tuple[str, ...]] = {
    "latam": ("AR", "BR", "CL", "CO", "MX", "PE"),
    "latinamerica": ("AR", "BR", "CL", "CO", "MX", "PE"),
    "nordics": ("DK", "FI", "IS", "NO", "SE"),
    "northamerica": ("CA", "MX", "US"),
    "scandinavia": ("DK", "NO", "SE"),
    "southamerica": ("AR", "BR", "CL", "CO", "PE"),
}
# Countries that sell GPUs by their English names; ISO 3166 codes are read as they are.
COUNTRIES = {
    "argentina": "AR",
    "australia": "AU",
    "austria": "AT",
    "belgium": "BE",
    "brazil": "BR",
    "britain": "GB",
    "bulgaria": "BG",
    "canada": "CA",
    "chile": "CL",
    "colombia": "CO",
    "czechia": "CZ",
    "denmark": "DK",
    "estonia": "EE",
    "finland": "FI",
    "france": "FR",
    "germany": "DE",
    "greatbritain": "GB",
    "hongkong": "HK",
    "hungary": "HU",
    "iceland": "IS",
    "india": "IN",
    "indonesia": "ID",
    "ireland": "IE",
    "israel": "IL",
    "italy": "IT",
    "japan": "JP",
    "korea": "KR",
    "latvia": "LV",
    "lithuania": "LT",
    "luxembourg": "LU",
    "malaysia": "MY",
    "mexico": "MX",
    "netherlands": "NL",
    "newzealand": "NZ",
    "norway": "NO",
    "poland": "PL",
    "portugal": "PT",
    "qatar": "QA",
    "romania": "RO",
    "saudiarabia": "SA",
    "singapore": "SG",
    "southafrica": "ZA",
    "southkorea": "KR",
    "spain": "ES",
    "sweden": "SE",
    "switzerland": "CH",
    "taiwan": "TW",
    "thailand": "TH",
    "uae": "AE",
    "unitedarabemirates": "AE",
    "vietnam": "VN",
}

PROVIDER_ALIASES = {
    "amazon": "aws",
    "amazonwebservices": "aws",
    "datacrunch": "verda",
    "do": "digitalocean",
    "google": "gcp",
    "googlecloud": "gcp",
    "googlecloudplatform": "gcp",
    "lambdacloud": "lambda",
    "lambdalabs": "lambda",
    "microsoft": "azure",
    "microsoftazure": "azure",
    "nexgencloud": "hyperstack",
    "oci": "oracle",
    "oraclecloud": "oracle",
    "oraclecloudinfrastructure": "oracle",
    "sanfranciscocompute": "sfcompute",
    "togetherai": "together",
    "vastai": "vast",
}

HOURS_OF = {
    word: hours
    for words, hours in (
        ("h hr hrs hour hours", 1.0),
        ("d day days", 24.0),
        ("w wk wks week weeks", 168.0),
        ("mo mos month months", HOURS_PER_MONTH),
        ("y yr yrs year years", HOURS_PER_YEAR),
    )
    for word in words.split()
}


def capacity_within(level: str) -> frozenset[Capacity]:
    """The classes that one counts on with that word of CAPACITY_LEVELS, or PUBLISHED."""
    words = list(CAPACITY_LEVELS)
    upto = words.index(level) + 1 if level in CAPACITY_LEVELS else len(words)
    return frozenset(one for word in words[:upto] for one in CAPACITY_LEVELS[word])


def level_of(capacity: Capacity) -> str:
    """The first word of CAPACITY_LEVELS that counts on that class."""
    return next(word for word, added in CAPACITY_LEVELS.items() if capacity in added)


def squeezed(name: str) -> str:
    """A name as the tables hold it: 'Saudi Arabia' is saudiarabia."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
