-- The check of consistency passes over those whom a recipient is about to be told of anew.
GRANT SELECT (recipient, addressee_number) ON redelivery TO auditor;
