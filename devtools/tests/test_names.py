"""Frappe's names are put back, in text and in paths, and nothing else is touched."""

from devtools.names import restore, restored


def test_words():
	assert restored("import criscostack # Criscostack, CRISCOSTACK") == "import frappe # Frappe, FRAPPE"
	assert restored("Crisco Technologies Pvt. Ltd.") == "Frappe Technologies Pvt. Ltd."
	assert restored("criscoerp.utils.brik_helper") == "erpnext.utils.bench_helper"


def test_tree(tmp_path):
	source = tmp_path / "criscostack"
	(source / "utils").mkdir(parents=True)
	(source / "utils" / "brik_helper.py").write_text("import criscostack\n")
	(source / "criscostackclient.py").write_bytes(b"\xff criscostack")
	(source / "logo.png").write_bytes(b"\x89PNG criscostack")
	(source / "utils" / "old.pyc").write_bytes(b"")
	restore(source, tmp_path / "frappe")
	found = {
		str(path.relative_to(tmp_path / "frappe"))
		for path in (tmp_path / "frappe").rglob("*")
		if path.is_file()
	}
	assert found == {"utils/bench_helper.py", "frappeclient.py", "logo.png"}
	assert (tmp_path / "frappe" / "utils" / "bench_helper.py").read_text() == "import frappe\n"
	assert (tmp_path / "frappe" / "logo.png").read_bytes() == b"\x89PNG criscostack"
	assert (tmp_path / "frappe" / "frappeclient.py").read_bytes() == b"\xff criscostack"
