rule24.works.extend_list("Prospect");
