"""Where it is decided: router, ledger, dispatch, inbox, and the command line."""
