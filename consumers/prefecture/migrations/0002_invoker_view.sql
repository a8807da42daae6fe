ALTER VIEW verify_copy SET (security_invoker = true);
GRANT SELECT (municipality, subject, sequence, state, items,
              sealed_resident_code, sealed_my_number, sealed_former_resident_code) ON identity TO auditor;
