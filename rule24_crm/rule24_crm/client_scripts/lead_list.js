rule24.works.extend_list("Lead");
rule24.parties.extend_list("Lead");
