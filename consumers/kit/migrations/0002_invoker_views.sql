-- A view lends no rights of its owner: who reads it must be allowed to read what it shows.
ALTER VIEW standing SET (security_invoker = true);
GRANT SELECT ON tally TO auditor;
GRANT SELECT (municipality) ON held, parked, missing TO auditor;
