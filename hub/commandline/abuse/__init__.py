"""The abuse cases: what must fail, tried against real servers; each refusal is attested in the server's own words."""
