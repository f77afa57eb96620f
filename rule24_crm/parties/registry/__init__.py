"""A register of companies fills a client by its INN and a bank by its BIC.

- `interface`: what a provider answers, whoever it is.
- `providers`: one module for each; none of them writes or knows what a client is.
- `service`: which provider this site has, and what is kept on a client of its answers.

Off until a provider and its key are given in Rule24 CRM Settings: nothing is asked over the network before.
"""
