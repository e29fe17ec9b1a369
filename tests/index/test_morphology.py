"""Lemmas and roots from a database of camel-tools.

``morphology/small.db`` is in camel-tools' own format: tables of prefixes, stems and suffixes and of
which may stand together. Its stems have the likelihoods that its authors would give them; صور has
none, so that its two lemmas are equally likely.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.arabic import words
from index.morphology import Morphology, MorphologyError, installed

SMALL = Path(__file__).parent / "morphology" / "small.db"
ROOT = Path(__file__).parents[2]
INSTALL = "camel_data -i morphology-db-msa-r13"


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """camel-tools' data folder, with nothing in it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("user")))
        patch.setenv("CAMELTOOLS_DATA", str(folder))
        yield folder


@pytest.fixture(scope="module")
def morphology(data: Path) -> Morphology:  # noqa: ARG001 - camel-tools looks there
    return Morphology.open(str(SMALL))


@pytest.fixture
def camel_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """camel-tools' data folder, as `camel_data` leaves it."""
    folder = tmp_path / "camel"
    database = folder / "data" / "morphology_db" / "calima-msa-r13" / "morphology.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(SMALL.read_bytes())
    monkeypatch.setenv("CAMELTOOLS_DATA", str(folder))
    return folder


def changed(folder: Path, *changes: tuple[str, str]) -> str:
    """Return the path of a copy of the small database with patterns in it replaced."""
    text = SMALL.read_text("utf-8")
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        assert count, pattern
    path = folder / "changed.db"
    path.write_text(text, "utf-8")
    return str(path)


def terms_of(morphology: Morphology, text: str) -> tuple[str, ...]:
    (word,) = words(text)
    return morphology.terms(word)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


class TestTerms:
    @pytest.mark.parametrize(
        ("inflected", "terms"),
        [
            ("كتاب الكتاب كتابا وكتابه بالكتاب للكتاب كتابهم كتب والكتب", ("=كتاب", "√كتب")),
            ("كاتب الكاتب كاتبين", ("=كاتب", "√كتب")),
            ("يكتب ويكتبون سيكتب كتبت وكتبوا", ("=كتب", "√كتب")),
            ("المكتبة المكتبه بالمكتبة ومكتبتها للمكتبات", ("=مكتبه", "√كتب")),
            ("قمة قمه القمة القِمَّة والقمة بقمة للقمة قمتها القمم وقمم", ("=قمه", "√قمم")),
            ("رئيس الرئيس الرييس ورئيسها لرئيس فالرئيس رؤساء والروساء لرؤسائها", ("=رييس", "√رءس")),
            ("رئاسة الرياسة برئاسة ورئاسته لرئاستها", ("=رياسه", "√رءس")),
            ("زار وزار زارت زاروا زارها يزور سيزورها ويزورون", ("=زار", "√ز#ر")),
            ("زيارة بزيارة زيارته الزيارات وزيارات", ("=زياره", "√ز#ر")),
            ("وزير الوزير ووزيرها للوزير", ("=وزير", "√وزر")),
            ("مستشفى المستشفى المستشفي بمستشفى", ("=مستشفي", "√شف#")),
        ],
    )
    def test_forms_of_one_word_have_one_lemma_and_root(
        self, morphology: Morphology, inflected: str, terms: tuple[str, ...]
    ) -> None:
        assert {word: terms_of(morphology, word) for word in inflected.split()} == dict.fromkeys(
            inflected.split(), terms
        )

    @pytest.mark.parametrize(
        ("name", "lemma"), [("أرمينيا", "=ارمينيا"), ("لأرمينيا", "=ارمينيا"), ("وموسكو", "=موسكو")]
    )
    def test_a_foreign_name_has_no_root(
        self, morphology: Morphology, name: str, lemma: str
    ) -> None:
        assert terms_of(morphology, name) == (lemma,)

    @pytest.mark.parametrize(
        "word",
        # Unknown, of other scripts, and known parts that may not stand together
        ["نيوزيلندا", "كتابكتاب", "nato", "2025", "كتاب2", "يكتاب", "الزار", "ه", "و"],
    )
    def test_an_unknown_word_has_no_terms(self, morphology: Morphology, word: str) -> None:
        assert terms_of(morphology, word) == ()

    def test_nothing_has_no_terms(self, morphology: Morphology) -> None:
        assert morphology.terms("") == ()

    def test_a_very_long_word_has_no_terms(self, morphology: Morphology) -> None:
        assert morphology.terms("ب" * 100_000) == ()

    @pytest.mark.parametrize(
        ("word", "terms"),
        [
            ("وزير", ("=وزير", "√وزر")),  # a minister rather than «and a jar»
            ("كتب", ("=كتاب", "√كتب")),  # books rather than «he wrote»
            ("مكتبه", ("=مكتب", "√كتب")),  # his office rather than a library
            ("على", ("=علي", "√عل#")),
        ],
    )
    def test_the_most_likely_analysis_counts(
        self, morphology: Morphology, word: str, terms: tuple[str, ...]
    ) -> None:
        assert terms_of(morphology, word) == terms

    def test_analyses_that_are_equally_likely_all_count(self, morphology: Morphology) -> None:
        assert terms_of(morphology, "بصور") == ("=صوره", "=صور", "√ص#ر")

    def test_without_likelihoods_all_analyses_count(self, tmp_path: Path) -> None:
        changes = ((r"DEFINE \w*_logprob .*\n", ""), (r" \w*_logprob(?::\S+)?", ""))

        morphology = Morphology.open(changed(tmp_path, *changes))

        assert terms_of(morphology, "كتب") == ("=كتب", "=كتاب", "√كتب")

    def test_at_most_three_lemmas_count(self, tmp_path: Path) -> None:
        entry = r"(صور\tNprop\t.*)lex:صُور_1(.*)\n"
        copies = "".join(rf"\1lex:صور{letter}_1\2\n" for letter in "سشطظ")

        morphology = Morphology.open(changed(tmp_path, (entry, copies)))

        assert terms_of(morphology, "صور") == ("=صوره", "=صورس", "=صورش", "√ص#ر")

    def test_another_process_finds_the_same_terms(self, morphology: Morphology) -> None:
        known = "كتب كتاب مكتبه القمه روساء زيارته صور ارمينيا وزير"
        code = f"""
            from index.morphology import Morphology
            morphology = Morphology.open({str(SMALL)!r})
            print([morphology.name, *map(morphology.terms, {known!r}.split())])
        """
        expected = f"{[morphology.name, *map(morphology.terms, known.split())]}\n"

        for seed in "12":
            assert run(code, PYTHONHASHSEED=seed, PYTHONUTF8="1").stdout == expected

    def test_a_word_is_looked_up_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        morphology = Morphology.open(str(SMALL))
        first = morphology.terms("القمه")
        monkeypatch.setattr(morphology._analyzer, "analyze", None)

        assert morphology.terms("القمه") == first


class TestOpen:
    def test_the_name_tells_contents_apart(self, morphology: Morphology, tmp_path: Path) -> None:
        other = Morphology.open(changed(tmp_path, ("قِمَّة_1", "قِمَّة_2")))
        (tmp_path / "small.db").write_bytes(SMALL.read_bytes())

        assert re.fullmatch("small.db [0-9a-f]{16}", morphology.name)
        assert other.name.split()[1] != morphology.name.split()[1]
        assert Morphology.open(str(tmp_path / "small.db")).name == morphology.name

    @pytest.mark.parametrize("name", ["r13", "msa-r13", "calima-msa-r13"])
    def test_an_installed_database_opens_by_its_name(
        self, camel_data: Path, name: str, morphology: Morphology
    ) -> None:
        opened = Morphology.open(name)

        assert camel_data.is_dir()
        assert opened.name == morphology.name.replace("small.db", "calima-msa-r13")
        assert terms_of(opened, "القمة") == ("=قمه", "√قمم")

    @pytest.mark.parametrize("name", ["r13", "msa-r13", "calima-msa-r13", "egy-r13", "", ".."])
    def test_a_database_that_is_not_installed(self, name: str) -> None:
        with pytest.raises(MorphologyError) as caught:
            Morphology.open(name)

        assert str(caught.value) == (
            f"The morphological database {name} cannot be used (it is not installed); install one "
            f"with `{INSTALL}` or give the path of a .db file."
        )

    @pytest.mark.parametrize("path", ["absent.db", "no/such/folder/morphology.db", "a\0b.db"])
    def test_a_file_that_is_not_there(self, path: str, tmp_path: Path) -> None:
        with pytest.raises(MorphologyError, match=f"cannot be used .*`{INSTALL}`"):
            Morphology.open(str(tmp_path / path))

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(MorphologyError, match="cannot be used"):
            Morphology.open(str(tmp_path))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n\n",
            b"SQLite format 3\0\x10\x00\xff\xfe",
            "قمة بيشكيك\n".encode(),
            b"###DEFINES###\n###DEFAULTS###\n###ORDER###\n###TOKENIZATIONS###\n",
            SMALL.read_bytes()[:3000],  # within the suffixes
            SMALL.read_bytes().partition(b"###TABLE AC###")[0],
        ],
    )
    def test_a_file_that_is_no_database(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "broken.db"
        path.write_bytes(content)

        with pytest.raises(MorphologyError) as caught:
            Morphology.open(str(path))

        assert re.search(r"broken\.db cannot be used \(it is not .*\); install", str(caught.value))
        assert "\n" not in str(caught.value)

    def test_tables_that_contradict_each_other(self, tmp_path: Path) -> None:
        morphology = Morphology.open(changed(tmp_path, (r"\nNPref-Al N(ap)?\b", "")))

        assert terms_of(morphology, "قمة") == ("=قمه", "√قمم")
        with pytest.raises(MorphologyError, match=r"changed\.db .* do not fit together"):
            terms_of(morphology, "القمة")


class TestInstalled:
    def test_names_what_camel_data_installed(self, camel_data: Path) -> None:
        # The licensed database is a folder without a database until its owner unlocks it.
        (camel_data / "data" / "morphology_db" / "calima-msa-s31").mkdir()

        assert installed() == ["calima-msa-r13"]

    def test_nothing_without_data(self) -> None:
        assert installed() == []

    def test_nothing_where_the_folder_is_absent_or_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "data").write_text("")
        for folder in (tmp_path, tmp_path / "absent"):
            monkeypatch.setenv("CAMELTOOLS_DATA", str(folder))
            assert installed() == []

    def test_looks_into_the_home_folder(
        self, camel_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        camel_data.rename(tmp_path / ".camel_tools")
        monkeypatch.delenv("CAMELTOOLS_DATA")
        monkeypatch.setattr(Path, "home", lambda: tmp_path)

        assert installed() == (["calima-msa-r13"] if sys.platform != "win32" else [])

    def test_nothing_for_a_user_without_a_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_home() -> Path:
            raise RuntimeError

        monkeypatch.delenv("CAMELTOOLS_DATA")
        monkeypatch.setattr(Path, "home", no_home)

        assert installed() == []


class TestImport:
    """Each in a process of its own, which has not imported camel-tools yet."""

    NO_NETWORK = """
        import socket, sys
        def refuse(*arguments, **options):
            sys.exit("the network was asked")
        socket.getaddrinfo = socket.create_connection = refuse
    """

    def test_only_an_open_database_costs_the_import(self) -> None:
        result = run("""
            import sys
            import index, index.morphology
            index.morphology.installed()
            try:
                index.morphology.Morphology.open("r13")
            except index.morphology.MorphologyError:
                pass
            print([name for name in sys.modules
                   if name.startswith(("camel_tools.morphology", "camel_tools.data", "requests"))])
        """)

        assert (result.stdout, result.stderr) == ("[]\n", "")

    def test_the_network_is_never_asked(self, data: Path) -> None:
        result = run(f"""{self.NO_NETWORK}
        import os
        from index.morphology import Morphology
        before = dict(os.environ)
        print(Morphology.open({str(SMALL)!r}).terms("القمه") == ("=قمه", "√قمم"))
        print(os.environ == before)
        """)

        assert (result.stdout, result.stderr) == ("True\nTrue\n", "")
        assert not any(data.iterdir())

    def test_without_this_camel_tools_would_ask_the_network(self) -> None:
        result = run(f"{self.NO_NETWORK}\n        import camel_tools.morphology.analyzer")

        assert "the network was asked" in result.stderr

    @pytest.mark.parametrize("content", ["<html>503</html>", "{}"])
    def test_a_broken_catalogue_is_reported(self, camel_data: Path, content: str) -> None:
        (camel_data / "catalogue.json").write_text(content)

        result = run("""
            from index.morphology import Morphology, MorphologyError
            try:
                Morphology.open("r13")
            except MorphologyError as error:
                print(error)
        """)

        assert result.stdout.startswith("The morphological database r13 cannot be used (camel-")
        assert result.stdout.endswith("); see what `camel_data --list` says.\n")
        assert result.stderr == ""

    def test_the_catalogue_of_camel_data_is_used(self, camel_data: Path) -> None:
        (camel_data / "catalogue.json").write_text('{"version":"9","packages":{},"components":{}}')

        result = run("""
            from index.morphology import Morphology
            Morphology.open("r13")
            from camel_tools.data import CATALOGUE
            print(CATALOGUE.version)
        """)

        assert (result.stdout, result.stderr) == ("9\n", "")

    def test_a_package_that_is_missing_is_named(self) -> None:
        result = run(f"""
            import sys
            sys.modules["cachetools"] = None
            from index.morphology import Morphology, MorphologyError
            try:
                Morphology.open({str(SMALL)!r})
            except MorphologyError as error:
                print(error)
        """)

        assert "cachetools" in result.stdout
        assert result.stdout.endswith("; run `uv sync`.\n")
