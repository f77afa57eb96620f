"""Names of companies and people."""

import re

_PATRONYMIC = re.compile(
	r"(вич|вна|ична|оглы|кызы|\bильич|кузьмич|лукич|фомич|никитич|саввич)$", re.IGNORECASE
)
_SURNAME = re.compile(
	r"(ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ский|цкий|ская|цкая|ко|ук|юк|ян|дзе|швили|ий|ый|ая)$", re.IGNORECASE
)
_INITIALS = re.compile(r"([^\W\d_]\.-?){1,2}")
_WORD = re.compile(r"[^\W\d_]+(-[^\W\d_]+)*")
#: given names that most people of Russia have; companies are called like that, too, but seldom in two words
_GIVEN = frozenset(
	"""
	Александр Алексей Анатолий Андрей Антон Аркадий Арсений Артем Артур Богдан Борис Вадим Валентин Валерий Василий Виктор Виталий
	Владимир Владислав Всеволод Вячеслав Геннадий Георгий Герман Глеб Григорий Даниил Данила Денис Дмитрий Евгений Егор Иван Игорь
	Илья Кирилл Константин Лев Леонид Максим Марат Марк Матвей Михаил Никита Николай Олег Павел Петр Роман Руслан Ринат Рустам
	Святослав Семен Сергей Станислав Степан Тимофей Тимур Федор Филипп Эдуард Юрий Яков Ярослав
	Агата Алевтина Александра Алена Алина Алиса Алла Альбина Анастасия Ангелина Анжела Анна Антонина Анфиса Валентина Валерия Варвара
	Василиса Вера Вероника Виктория Галина Гульнара Дарья Диана Евгения Екатерина Елена Елизавета Жанна Зинаида Зоя Инна Ирина Карина
	Кира Клавдия Кристина Ксения Лариса Лидия Лилия Любовь Людмила Маргарита Марина Мария Надежда Наталия Наталья Нина Нонна Оксана
	Ольга Полина Раиса Регина Римма Светлана София Софья Таисия Тамара Татьяна Ульяна Эльвира Эмма Юлия Яна
	""".casefold().split()
)


#: the same where names are written in Latin letters, those of Russia transliterated among them
_GIVEN_LATIN = frozenset(
	"""
	James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald Steven Paul
	Andrew Joshua Kenneth Kevin Brian George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry
	Scott Frank Benjamin Samuel Gregory Patrick Alexander Jack Dennis Peter Henry Adam Simon Oliver Harry Martin Philip Alan
	Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley Kimberly Emily
	Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia Amy Angela Anna Ann Anne Emma Nicole Helen
	Samantha Katherine Christine Maria Rachel Olivia Julia Kate Alice Jane Lucy Sophie Charlotte Victoria Diana
	Hans Peter Klaus Wolfgang Juergen Jürgen Dieter Stefan Thomas Andreas Michael Uwe Karl Heinz Werner Ursula Monika Petra Sabine Heike
	Pierre Jean Jacques Michel Philippe Marie Luca Marco Giuseppe Giovanni Francesco Jose José Juan Carlos Luis Pedro Mehmet Ahmet Mustafa
	Mohamed Mohammed Muhammad Ahmed Ali Fatima
	Aleksandr Aleksey Alexey Andrei Andrey Anton Artem Boris Denis Dmitry Dmitriy Evgeny Igor Ilya Ivan Kirill Konstantin Maxim Maksim
	Mikhail Nikita Nikolay Nikolai Oleg Pavel Roman Ruslan Sergey Sergei Stanislav Vadim Viktor Vladimir Vladislav Yuri Yury
	Anastasia Daria Ekaterina Elena Galina Irina Ksenia Larisa Lyudmila Marina Natalia Natalya Nina Oksana Olga Polina Svetlana Tatiana
	Tatyana Yana Yulia
	""".casefold().split()
)
#: what a company of two words is called first: «Салон Анна», «Отель София»
_PLACES = frozenset(
	"""
	салон магазин кафе отель гостиница студия клуб центр аптека ресторан бар школа ателье фирма компания фабрика завод клиника
	пекарня парикмахерская санаторий типография агентство база дом мастерская пиццерия столовая торговый детский
	hotel cafe salon shop store studio club center centre restaurant bar school clinic agency
	""".split()
)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def is_person_name(value: str) -> bool:
	"""Whether something is more likely the name of a person than of a company: in two or three words, one of them a patronymic,
	a usual given name or initials, the first not what a shop or hotel begins with; without a Cyrillic letter, words with capital
	letters and nothing else: "Blue Ocean" is not told from "Anna Lee".
	"""
	words = value.replace("ё", "е").split()
	if len(words) == 1 or len(words) > 4:
		return False
	for word in words:
		if not (word[0].isupper() or word in ("оглы", "кызы")):
			return False
		if not (_WORD.fullmatch(word) or _INITIALS.fullmatch(word)):
			return False
	if len(words) > 2 and any(_PATRONYMIC.search(word) for word in words[1:]):
		return True
	if len(words) > 3 or words[0].casefold() in _PLACES:
		return False
	if not _CYRILLIC.search(value) or any(_INITIALS.fullmatch(word) for word in words):
		return True
	return any(word.casefold() in _GIVEN for word in words)


def is_doubtful_name(value: str) -> bool:
	"""Whether nothing but capital letters speaks for a person: "Blue Ocean", and not "Anna Lee", "J. Smith" or «Зайцева Анна»."""
	words = value.split()
	return not (
		_CYRILLIC.search(value)
		or any(_INITIALS.fullmatch(word) or word.casefold() in _GIVEN_LATIN for word in words)
		or (len(words) > 2 and any(_PATRONYMIC.search(word) for word in words))
	)


def name_key(name: str) -> str:
	"""A name without case, quotation marks and order of words: «ООО "Ромашка"» and «ромашка ооо» are one."""
	words = "".join(
		char if char.isalnum() or char.isspace() else " " for char in name.casefold().replace("ё", "е")
	)
	return " ".join(sorted(words.split()))


def person_name(value: str) -> tuple[str, str, str]:
	"""(first, middle, last) of a person, of «Иванов Иван Иванович» and «Иван Иванович Иванов» alike."""
	words = value.split()
	if len(words) == 3 and _PATRONYMIC.search(words[2]):
		return words[1], words[2], words[0]
	if len(words) == 3 and _PATRONYMIC.search(words[1]):
		return words[0], words[1], words[2]
	if len(words) == 3 and _SURNAME.search(words[0]) and not _SURNAME.search(words[2]):
		return words[1], words[2], words[0]
	if len(words) == 2 and _SURNAME.search(words[0]) and not _SURNAME.search(words[1]):
		return words[1], "", words[0]
	if len(words) == 2:
		return words[0], "", words[1]
	return value, "", ""
