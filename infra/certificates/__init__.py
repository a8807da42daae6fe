"""The certificate authority: one client certificate for each principal, server certificates for broker and database."""
