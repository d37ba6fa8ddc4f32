"""What exists before the first call: regions, accounts, the catalog, the initial resources."""
