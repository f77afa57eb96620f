"""A register of companies on loopback that speaks DaData's protocol, for tests."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "0123456789abcdef0123456789abcdef01234567"
DAY = 86_400_000


def party(inn="7707083893", kpp="773601001", name="Ромашка", status="ACTIVE", **data):
	"""One suggestion of a legal entity, in the vendor's shape."""
	return {
		"value": f"ООО {name}",
		"unrestricted_value": f"ООО {name}",
		"data": {
			"kpp": kpp,
			"inn": inn,
			"ogrn": "1027700132195",
			"type": "LEGAL",
			"branch_type": "MAIN",
			"management": {
				"name": "Петрова Анна Ивановна",
				"post": "ГЕНЕРАЛЬНЫЙ ДИРЕКТОР",
				"disqualified": None,
			},
			"name": {
				"full_with_opf": f"ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ {name.upper()}",
				"short_with_opf": f"ООО «{name}»",
			},
			"opf": {"short": "ООО"},
			"okved": "62.01",
			"state": {
				"status": status,
				"actuality_date": 20_000 * DAY,
				"registration_date": 12_000 * DAY,
				"liquidation_date": 19_000 * DAY if status == "LIQUIDATED" else None,
			},
			"address": {
				"value": "г Москва, ул Вавилова, д 19",
				"unrestricted_value": "117312, г Москва, ул Вавилова, д 19",
				"data": {
					"postal_code": "117312",
					"country_iso_code": "RU",
					"region_with_type": "г Москва",
					"city": "Москва",
					"street_with_type": "ул Вавилова",
					"house_type": "д",
					"house": "19",
				},
			},
			**data,
		},
	}


def person(inn="771234567859"):
	"""One suggestion of a sole proprietor: no KPP, no management."""
	return {
		"value": "ИП Иванов Иван Иванович",
		"data": {
			"inn": inn,
			"ogrn": "304500000000140",
			"type": "INDIVIDUAL",
			"kpp": None,
			"management": None,
			"name": {
				"full_with_opf": "Индивидуальный предприниматель Иванов Иван Иванович",
				"short_with_opf": "ИП Иванов Иван Иванович",
			},
			"okved": "47.1",
			"state": {"status": "ACTIVE"},
			"address": None,
		},
	}


def bank(bic="044525225"):
	"""One suggestion of a bank."""
	return {
		"value": "ПАО Сбербанк",
		"data": {
			"bic": bic,
			"swift": "SABRRUMM",
			"correspondent_account": "30101810400000000225",
			"payment_city": "г Москва",
			"name": {"payment": "ПАО СБЕРБАНК", "full": None, "short": "Сбербанк"},
			"state": {"status": "ACTIVE"},
		},
	}


class RegistryServer:
	"""Use as a context manager. `answers` maps a method ("findById/party") to suggestions, a status, raw bytes, or a pair:
	the bytes after which the answer breaks off, and the seconds until it does."""

	def __init__(self):
		self.answers: dict = {}
		self.requests: list[tuple[str, dict, dict]] = []
		self.delay = 0.0

	def __enter__(self):
		outer = self

		class Handler(BaseHTTPRequestHandler):
			def do_POST(self):
				length = int(self.headers.get("Content-Length") or 0)
				body = json.loads(self.rfile.read(length) or b"{}")
				method = self.path.removeprefix("/rs/")
				outer.requests.append((method, body, dict(self.headers)))
				time.sleep(outer.delay)
				if self.headers.get("Authorization") != f"Token {KEY}":
					self.answer(
						403, {"family": "CLIENT_ERROR", "reason": "Forbidden", "message": "key is wrong"}
					)
					return
				found = outer.answers.get(method, [])
				if isinstance(found, int):
					self.answer(found, {"message": "no"})
				elif isinstance(found, tuple):
					self.send_response(200)
					self.send_header("Content-Length", "1000")
					self.end_headers()
					self.wfile.write(found[0])
					self.wfile.flush()
					time.sleep(found[1])
				elif isinstance(found, bytes):
					self.send_response(200)
					self.end_headers()
					self.wfile.write(found)
				else:
					self.answer(200, {"suggestions": found})

			def answer(self, status, value):
				body = json.dumps(value, ensure_ascii=False).encode()
				self.send_response(status)
				self.send_header("Content-Type", "application/json;charset=UTF-8")
				self.send_header("Content-Length", str(len(body)))
				self.end_headers()
				self.wfile.write(body)

			def log_message(self, *_arguments):
				pass

		self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self._server.daemon_threads = True
		threading.Thread(target=self._server.serve_forever, daemon=True).start()
		self.url = f"http://127.0.0.1:{self._server.server_port}/rs"
		return self

	def __exit__(self, *_error):
		self._server.shutdown()
		self._server.server_close()
