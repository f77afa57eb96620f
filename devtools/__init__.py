"""The development runtime of Rule24 CRM: what `./dev` runs. Never shipped with the app, imports only the standard library."""
