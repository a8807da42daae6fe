-- Nothing is told of protections here; what another grant may once have told goes with its copy.
GRANT SELECT, INSERT, UPDATE, DELETE ON protection TO prefecture;
