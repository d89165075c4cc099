"""What a list looks like, for whoever gave it to the wrong importer."""

import re

_SIGNS = (
    (r'"offerCode"|"formatVersion"|"termAttributes"', "an AWS price list", "aws-price-list"),
    (r'"BillingCurrency"|"armSkuName"', "an answer of Azure's Retail Prices API", "azure-retail"),
    (r'"skuId"\s*:|"pricingExpression"', "SKUs of Google's Cloud Billing Catalog", "gcp-skus"),
    (r'"pretty_name"|"ondemand"\s*:', "instances.json of ec2instances.info", "ec2instances"),
    (r"(?m)\A.*\bInstanceType,.*\bAcceleratorName\b", "SkyPilot's catalog", "skypilot"),
    (r"(?m)\A.*\bPricePerAccelerator\b", "SkyPilot's prices of a cluster", "skypilot"),
    (r"(?i)\A\s*<(!doctype|html|\?xml)", "a web page or XML, not a list", ""),
    (r"\APK|\A%PDF", "a workbook, an archive or a PDF, not text", ""),
)
# A list of hundreds of MB is known by its beginning.
_LOOKED_AT = 200_000


def looks_like(text: str) -> tuple[str, str]:
    """What a text looks like, and the importer for it; both empty where nothing is known."""
    start = text[:_LOOKED_AT]
    for sign, what, importer in _SIGNS:
        if re.search(sign, start):
            return what, importer
    return "", ""


def hint(text: str, own: str) -> str:
    """The end of a message: what it looks like, and which importer comes nearest."""
    what, importer = looks_like(text)
    if not what:
        return "for a table with other columns: sixnd catalog import csv FILE --map ..."
    said = f"it looks like {what}"
    return said if importer in ("", own) else f"{said}: sixnd catalog import {importer} FILE"
