"""Who somebody is: numbers of the tax service and banks, phones, e-mails and names, each with its rule, once."""
