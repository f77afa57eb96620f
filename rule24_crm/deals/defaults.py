"""What deals start with on a new site: sales stages, three sales processes and a contract template.

Made once at install by `setup/dictionaries.py`; the records belong to the users from then on.
"""

#: sales stages in their order
STAGES = (
	"Cold Contact", "Interest", "Proposal", "Documents", "Signing", "Attendance", "Closed Won", "Closed Lost",
)  # fmt: skip

DEFAULT_PROCESS = "Seminar"
CONTRACT_TEMPLATE = "Rule24 Service Contract"
DOCUMENTS_LETTER = "Rule24 Invoice and Contract"

_WAY = (
	("Cold Contact", 10), ("Interest", 25), ("Proposal", 40), ("Documents", 60), ("Signing", 75), ("Attendance", 90),
)  # fmt: skip
_ENDS = [
	{"stage": "Closed Won", "probability": 100, "is_won": 1},
	{"stage": "Closed Lost", "probability": 0, "is_lost": 1},
]


def _stages() -> list[dict]:
	return [{"stage": stage, "probability": probability} for stage, probability in _WAY] + _ENDS


#: name -> field values of a Sales Process
PROCESSES: dict[str, dict] = {
	"Seminar": {
		"kind": "Controlled",
		"is_default": 1,
		"stages": _stages(),
		"gates": [
			{"stage": "Documents", "requirement": "Field", "fieldname": "items"},
			{"stage": "Signing", "requirement": "Document", "document_type": "Sales Invoice"},
			{"stage": "Signing", "requirement": "Document", "document_type": "Contract"},
			{"stage": "Attendance", "requirement": "Work", "work_action": "Issue Documents", "sign": "Plus"},
			{"stage": "Closed Won", "requirement": "Work", "work_action": "Attendance", "sign": "Plus"},
		],
	},
	"Free Movement": {"kind": "Free", "stages": _stages()},
	"No Stages": {"kind": "Stageless", "stages": _ENDS},
}

#: what accompanies the documents; rendered with the values of `letter.values`
LETTER_SUBJECT = "{% if lang == 'ru' %}Счёт и договор: {{ deal.title }}{% else %}Invoice and contract: {{ deal.title }}{% endif %}"
LETTER_TEXT = """<p>{% if lang == 'ru' %}</p>
<p>Здравствуйте{% if contact_name %}, {{ contact_name }}{% endif %}!</p>
<p>Направляем документы по сделке «{{ deal.title }}». Пожалуйста, проверьте реквизиты и сообщите, если что-нибудь нужно поправить.</p>
<p>{{ sender_name }}<br>{{ company }}</p>
<p>{% else %}</p>
<p>Hello{% if contact_name %} {{ contact_name }}{% endif %},</p>
<p>Please find the documents of {{ deal.title }} attached. Check the details and let us know if anything needs correcting.</p>
<p>{{ sender_name }}<br>{{ company }}</p>
<p>{% endif %}</p>"""
