rule24.works.extend_list("Prospect");
rule24.parties.extend_list("Prospect");
