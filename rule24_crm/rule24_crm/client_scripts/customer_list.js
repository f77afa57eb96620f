rule24.works.extend_list("Customer");
rule24.parties.extend_list("Customer");
