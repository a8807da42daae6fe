ALTER VIEW verify_copy SET (security_invoker = true);
GRANT SELECT (municipality, subject, sequence, state, items) ON person TO auditor;
