ALTER VIEW verify_copy SET (security_invoker = true);
GRANT SELECT (municipality, subject, version, state, items, link_number) ON secondary_copy TO auditor;
