"""Connected official accounts: credentials, access tokens, callbacks, followers."""
