"""The register's inbox: what parties sent becomes a filing or an entry of the work list, never a call back into it."""
